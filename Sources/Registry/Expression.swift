// SPDX-License-Identifier: Apache-2.0

/// A formula over columns: arithmetic, comparison, membership and logic.
///
/// `+ - * /` and parentheses; `a < b <= c` chains; `code in A|B`; `and`, `or`, `not`;
/// `a ?? b` takes `b` where `a` is missing; `known(a)` says whether `a` has a value.
/// A missing operand gives a missing result, except that `or` with one true side is true and `and`
/// with one false side is false. Division by zero gives a missing result.
public indirect enum Expression: Hashable, Sendable {
  /// A constant.
  case constant(Double)
  /// A column's value.
  case column(String)
  /// Arithmetic on two numbers.
  case arithmetic(Arithmetic, Expression, Expression)
  /// A chain of comparisons, true when each neighbouring pair is.
  case comparison([Expression], [Comparison])
  /// Whether a code is one of a list.
  case membership(Expression, [String])
  /// The first expression, or the second where it is missing.
  case fallback(Expression, Expression)
  /// Both.
  case and(Expression, Expression)
  /// Either.
  case or(Expression, Expression)
  /// The contrary.
  case not(Expression)
  /// Whether a column has a value.
  case known(String)

  /// An arithmetic operator.
  public enum Arithmetic: Hashable, Sendable {
    /// The four operators.
    case add, subtract, multiply, divide
  }

  /// A comparison operator.
  public enum Comparison: Hashable, Sendable {
    /// The six operators.
    case less, lessOrEqual, greater, greaterOrEqual, equal, notEqual
  }

  /// What an expression gives.
  public enum Result: Hashable, Sendable {
    /// A number.
    case number(Double)
    /// Yes or no.
    case flag(Bool)
    /// A code.
    case code(String)
  }
}

extension Expression {
  /// The columns that the expression reads.
  package var columns: Set<String> {
    switch self {
    case .constant: []
    case .column(let name), .known(let name): [name]
    case .arithmetic(_, let left, let right), .fallback(let left, let right),
      .and(let left, let right), .or(let left, let right):
      left.columns.union(right.columns)
    case .comparison(let operands, _): operands.reduce(into: []) { $0.formUnion($1.columns) }
    case .membership(let operand, _), .not(let operand): operand.columns
    }
  }

  /// The same expression with every name replaced; nothing when `rename` refuses one.
  package func renamed(_ rename: (String) -> String?) -> Expression? {
    func pair(
      _ left: Expression,
      _ right: Expression,
      _ make: (Expression, Expression) -> Expression
    ) -> Expression? {
      guard let left = left.renamed(rename), let right = right.renamed(rename) else { return nil }
      return make(left, right)
    }
    switch self {
    case .constant: return self
    case .column(let name): return rename(name).map(Expression.column)
    case .known(let name): return rename(name).map(Expression.known)
    case .arithmetic(let operation, let left, let right):
      return pair(left, right) { .arithmetic(operation, $0, $1) }
    case .fallback(let left, let right): return pair(left, right) { .fallback($0, $1) }
    case .and(let left, let right): return pair(left, right) { .and($0, $1) }
    case .or(let left, let right): return pair(left, right) { .or($0, $1) }
    case .comparison(let operands, let operators):
      let renamed = operands.compactMap { $0.renamed(rename) }
      return renamed.count == operands.count ? .comparison(renamed, operators) : nil
    case .membership(let operand, let codes):
      return operand.renamed(rename).map { .membership($0, codes) }
    case .not(let operand): return operand.renamed(rename).map(Expression.not)
    }
  }

  /// The result over the values that `lookup` gives; nothing when it is missing.
  package func evaluate(_ lookup: (String) -> Result?) -> Result? {
    switch self {
    case .constant(let number): return .number(number)
    case .column(let name): return lookup(name)
    case .known(let name): return .flag(lookup(name) != nil)
    case .arithmetic(let operation, let left, let right):
      guard let first = left.number(lookup), let second = right.number(lookup) else { return nil }
      return operation.apply(first, second).map(Result.number)
    case .comparison(let operands, let operators):
      return Self.compare(operands, operators, lookup).map(Result.flag)
    case .membership(let operand, let codes):
      guard case .code(let code) = operand.evaluate(lookup) else { return nil }
      return .flag(codes.contains(code))
    case .fallback(let first, let second): return first.evaluate(lookup) ?? second.evaluate(lookup)
    case .and(let left, let right):
      let first = left.flag(lookup)
      let second = right.flag(lookup)
      if first == false || second == false { return .flag(false) }
      return first == nil || second == nil ? nil : .flag(true)
    case .or(let left, let right):
      let first = left.flag(lookup)
      let second = right.flag(lookup)
      if first == true || second == true { return .flag(true) }
      return first == nil || second == nil ? nil : .flag(false)
    case .not(let operand): return operand.flag(lookup).map { .flag(!$0) }
    }
  }

  private func number(_ lookup: (String) -> Result?) -> Double? {
    switch evaluate(lookup) {
    case .number(let number): number
    case .flag(let flag): flag ? 1 : 0
    case .code, nil: nil
    }
  }

  private func flag(_ lookup: (String) -> Result?) -> Bool? {
    guard case .flag(let flag) = evaluate(lookup) else { return nil }
    return flag
  }

  private static func compare(
    _ operands: [Expression],
    _ operators: [Comparison],
    _ lookup: (String) -> Result?
  ) -> Bool? {
    let numbers = operands.map { $0.number(lookup) }
    var isMissing = false
    for (index, comparison) in operators.enumerated() {
      guard let left = numbers[index], let right = numbers[index + 1] else {
        isMissing = true
        continue
      }
      if !comparison.holds(left, right) { return false }
    }
    return isMissing ? nil : true
  }
}

extension Expression.Arithmetic {
  fileprivate func apply(_ left: Double, _ right: Double) -> Double? {
    let result =
      switch self {
      case .add: left + right
      case .subtract: left - right
      case .multiply: left * right
      case .divide: right == 0 ? Double.nan : left / right
      }
    return result.isFinite ? result : nil
  }
}

extension Expression.Comparison {
  fileprivate func holds(_ left: Double, _ right: Double) -> Bool {
    switch self {
    case .less: left < right
    case .lessOrEqual: left <= right
    case .greater: left > right
    case .greaterOrEqual: left >= right
    case .equal: left == right
    case .notEqual: left != right
    }
  }
}
