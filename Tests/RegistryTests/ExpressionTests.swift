// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import Registry

@Suite struct ExpressionTests {
  private let values: [String: Expression.Result] = [
    "a": .number(6), "b": .number(3), "zero": .number(0), "code": .code("PD"), "yes": .flag(true),
  ]

  private func result(_ text: String) throws -> Expression.Result? {
    let expression = try #require(ExpressionParser.parse(text), "\(text) is not an expression")
    return expression.evaluate { values[$0] }
  }

  @Test(arguments: [
    ("a + b * 2", 12.0), ("(a + b) * 2", 18), ("a - b - 1", 2), ("a / b / 2", 1),
    ("a + (none ?? 1)", 7), ("none ?? b", 3), ("a * -2", -12),
  ])
  func `arithmetic keeps its order`(text: String, expected: Double) throws {
    #expect(try result(text) == .number(expected))
  }

  @Test(arguments: ["a + none", "none / b", "a / zero", "none in PD", "a in PD", "known(a) + code"])
  func `a missing operand, a zero divisor or a wrong kind gives nothing`(text: String) throws {
    #expect(try result(text) == nil)
  }

  @Test(arguments: [
    ("b < a", true), ("b <= 3 <= a", true), ("1 < b < 2", false), ("a == 6", true),
    ("a != 6", false), ("code in SD|PD", true), ("code in CR|PR", false), ("not (a < b)", true),
    ("known(none)", false), ("known(code)", true), ("yes and known(a)", true),
    ("yes or none < 1", true), ("none < 1 and a < b", false), ("none < 1 < 0", false),
    ("a > b >= 3", true),
  ])
  func `claims are true or false`(text: String, expected: Bool) throws {
    #expect(try result(text) == .flag(expected))
  }

  @Test(arguments: ["none < 1", "not (none < 1)", "none < 1 and yes", "none < 1 or a < b"])
  func `claims with an undecided part are missing`(text: String) throws {
    #expect(try result(text) == nil)
  }

  @Test(arguments: ["", "a +", "(a", "a b", "a in", "1.2.3", "a ** b", "known()", "a = b", "$a"])
  func `other texts are no expressions`(text: String) {
    #expect(ExpressionParser.parse(text) == nil)
  }

  @Test func `deep nesting is refused instead of overflowing`() {
    let text = String(repeating: "(", count: 5000) + "a" + String(repeating: ")", count: 5000)
    #expect(ExpressionParser.parse(text) == nil)
  }
}
