// SPDX-License-Identifier: Apache-2.0

/// Reads an `Expression` by recursive descent; nesting is bounded.
struct ExpressionParser {
  private let tokens: [Token]
  private var position = 0
  private var depth = 0

  private enum Token: Equatable {
    case number(Double)
    case name(String)
    case symbol(String)
  }

  private static let depthLimit = 64
  private static let comparisons: [String: Expression.Comparison] = [
    "<": .less, "<=": .lessOrEqual, ">": .greater, ">=": .greaterOrEqual,
    "==": .equal, "!=": .notEqual,
  ]

  /// The expression that `text` states, or nothing when it is not one.
  static func parse(_ text: String) -> Expression? {
    guard let tokens = tokens(of: text), !tokens.isEmpty else { return nil }
    var parser = ExpressionParser(tokens: tokens)
    guard let expression = parser.disjunction(), parser.position == tokens.count else { return nil }
    return expression
  }

  private init(tokens: [Token]) {
    self.tokens = tokens
  }

  private mutating func disjunction() -> Expression? {
    guard depth < Self.depthLimit else { return nil }
    depth += 1
    defer { depth -= 1 }
    guard var left = conjunction() else { return nil }
    while take(name: "or") {
      guard let right = conjunction() else { return nil }
      left = .or(left, right)
    }
    return left
  }

  private mutating func conjunction() -> Expression? {
    guard var left = negation() else { return nil }
    while take(name: "and") {
      guard let right = negation() else { return nil }
      left = .and(left, right)
    }
    return left
  }

  private mutating func negation() -> Expression? {
    guard take(name: "not") else { return comparison() }
    return comparison().map(Expression.not)
  }

  private mutating func comparison() -> Expression? {
    guard let first = fallback() else { return nil }
    if take(name: "in") { return codes().map { .membership(first, $0) } }
    var operands = [first]
    var operators: [Expression.Comparison] = []
    while case .symbol(let symbol) = current, let comparison = Self.comparisons[symbol] {
      position += 1
      guard let operand = fallback() else { return nil }
      operands.append(operand)
      operators.append(comparison)
    }
    return operators.isEmpty ? first : .comparison(operands, operators)
  }

  private mutating func fallback() -> Expression? {
    guard let first = sum() else { return nil }
    guard take(symbol: "??") else { return first }
    return fallbackTail(first)
  }

  private mutating func fallbackTail(_ first: Expression) -> Expression? {
    sum().map { .fallback(first, $0) }
  }

  private mutating func sum() -> Expression? {
    guard var left = product() else { return nil }
    while true {
      let operation: Expression.Arithmetic
      if take(symbol: "+") {
        operation = .add
      } else if take(symbol: "-") {
        operation = .subtract
      } else {
        return left
      }
      guard let right = product() else { return nil }
      left = .arithmetic(operation, left, right)
    }
  }

  private mutating func product() -> Expression? {
    guard var left = primary() else { return nil }
    while true {
      let operation: Expression.Arithmetic
      if take(symbol: "*") {
        operation = .multiply
      } else if take(symbol: "/") {
        operation = .divide
      } else {
        return left
      }
      guard let right = primary() else { return nil }
      left = .arithmetic(operation, left, right)
    }
  }

  private mutating func primary() -> Expression? {
    guard let token = current else { return nil }
    position += 1
    switch token {
    case .number(let number): return .constant(number)
    case .symbol("-"):
      guard case .number(let number) = current else { return nil }
      position += 1
      return .constant(-number)
    case .symbol("("):
      guard let inner = disjunction(), take(symbol: ")") else { return nil }
      return inner
    case .name("known") where take(symbol: "("):
      guard case .name(let name) = current else { return nil }
      position += 1
      return take(symbol: ")") ? .known(name) : nil
    case .name(let name): return .column(name)
    case .symbol: return nil
    }
  }

  private mutating func codes() -> [String]? {
    var codes: [String] = []
    repeat {
      guard case .name(let code) = current else { return nil }
      position += 1
      codes.append(code)
    } while take(symbol: "|")
    return codes
  }

  private var current: Token? { position < tokens.count ? tokens[position] : nil }

  private mutating func take(symbol: String) -> Bool {
    guard current == .symbol(symbol) else { return false }
    position += 1
    return true
  }

  private mutating func take(name: String) -> Bool {
    guard current == .name(name) else { return false }
    position += 1
    return true
  }

  private static func tokens(of text: String) -> [Token]? {
    var rest = Substring(text)
    var tokens: [Token] = []
    while let first = rest.first {
      if first == " " {
        rest.removeFirst()
      } else if first.isASCII, first.isNumber {
        let digits = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        guard let number = NumberText.decimal(String(digits)) else { return nil }
        tokens.append(.number(number))
        rest = rest.dropFirst(digits.count)
      } else if first.isASCII, first.isLetter || first == "_" {
        let name = rest.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
        tokens.append(.name(String(name)))
        rest = rest.dropFirst(name.count)
      } else {
        let two = String(rest.prefix(2))
        let symbol = ["<=", ">=", "==", "!=", "??"].contains(two) ? two : String(first)
        guard symbol.count == 2 || "+-*/()<>|".contains(first) else { return nil }
        tokens.append(.symbol(symbol))
        rest = rest.dropFirst(symbol.count)
      }
    }
    return tokens
  }
}
