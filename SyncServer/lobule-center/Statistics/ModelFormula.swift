// SPDX-License-Identifier: Apache-2.0

import CommandSupport
import Foundation

/// A formula `outcome ~ predictor + predictor`, as R writes it.
///
/// A name may stand in backticks, and `factor(name)` makes indicators of a column of numbers. `.`
/// stands for all other columns and `1` for none. Other operators are refused.
struct ModelFormula {
  /// A column on the right side.
  struct Predictor: Equatable {
    /// The name of the term.
    let term: String
    /// The column of the file.
    let column: String
    /// Whether the column's numbers are labels.
    let isFactor: Bool

    /// A column as it is.
    init(_ column: String) {
      self.init(term: column, column: column, isFactor: false)
    }

    init(term: String, column: String, isFactor: Bool) {
      self.term = term
      self.column = column
      self.isFactor = isFactor
    }
  }

  let outcome: String
  let predictors: [Predictor]
  /// Whether all other columns are predictors too.
  let takesAllColumns: Bool

  /// The columns that the formula names; nil when it takes all of the file.
  var columns: [String]? { takesAllColumns ? nil : [outcome] + predictors.map(\.column) }

  /// The predictors in a file with these columns, `others` having parts of their own.
  func predictors(in names: [String], except others: [String] = []) -> [Predictor] {
    guard takesAllColumns else { return predictors }
    let left = Set([outcome] + others + predictors.map(\.column))
    return predictors + names.filter { !left.contains($0) && !$0.isEmpty }.map { Predictor($0) }
  }

  init(_ text: String) throws(CommandFailure) {
    let sides = text.split(separator: "~", omittingEmptySubsequences: false)
    guard sides.count == 2 else { throw Self.malformed(text) }
    guard let outcome = Self.name(sides[0]) else { throw Self.malformed(text) }
    var predictors: [Predictor] = []
    var takesAllColumns = false
    for part in sides[1].split(separator: "+", omittingEmptySubsequences: false) {
      let term = part.trimmingCharacters(in: .whitespaces)
      if term == "1" { continue }
      if term == "." {
        takesAllColumns = true
        continue
      }
      guard let predictor = Self.predictor(term) else { throw Self.malformed(text) }
      if !predictors.contains(predictor) { predictors.append(predictor) }
    }
    self.outcome = outcome
    self.predictors = predictors
    self.takesAllColumns = takesAllColumns
  }

  private static func predictor(_ term: String) -> Predictor? {
    for function in ["factor(", "as.factor("] where term.hasPrefix(function) && term.hasSuffix(")")
    {
      guard let column = name(term.dropFirst(function.count).dropLast()) else { return nil }
      return Predictor(term: term, column: column, isFactor: true)
    }
    return name(term[...]).map { Predictor($0) }
  }

  private static func name(_ text: Substring) -> String? {
    let text = text.trimmingCharacters(in: .whitespaces)
    if text.count > 2, text.hasPrefix("`"), text.hasSuffix("`") {
      return String(text.dropFirst().dropLast())
    }
    guard !text.isEmpty, !text.contains(where: { "*:^-()|/`%, ".contains($0) }) else { return nil }
    return text
  }

  private static func malformed(_ text: String) -> CommandFailure {
    CommandFailure(
      .usage,
      what: "The formula cannot be read",
      to: text,
      todo: "Write OUTCOME ~ COLUMN + COLUMN; put other names in backticks"
    )
  }
}
