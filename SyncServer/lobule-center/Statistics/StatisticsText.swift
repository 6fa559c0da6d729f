// SPDX-License-Identifier: Apache-2.0

import Biostatistics
import CommandSupport
import Foundation

/// Statistics as text for people.
enum StatisticsText {
  /// Four decimals, or significant digits where those would show nothing; a dash for what is
  /// infinite or was not reached.
  static func number(_ value: Double?) -> String {
    guard let value, value.isFinite else { return "–" }
    let size = abs(value)
    if size == 0 || (size >= 0.001 && size < 1e6) { return String(format: "%.4f", value) }
    return String(format: "%.3e", value)
  }

  /// The shortest text that reads back as the same number; whole numbers without decimals.
  static func exact(_ value: Double) -> String {
    abs(value) < 1e15 && value == value.rounded() ? String(Int(value)) : "\(value)"
  }

  /// Names of columns in an option, separated by commas.
  static func names(_ text: String) throws(CommandFailure) -> [String] {
    let names = text.split(separator: ",", omittingEmptySubsequences: false)
      .map { $0.trimmingCharacters(in: .whitespaces) }
    guard names.allSatisfy({ !$0.isEmpty }) else {
      throw CommandFailure(
        .usage,
        what: "A name between the commas is empty",
        to: text,
        todo: "Write COLUMN,COLUMN"
      )
    }
    return names
  }

  /// Numbers in an option, separated by commas.
  static func numbers(_ text: String) throws(CommandFailure) -> [Double] {
    var numbers: [Double] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      guard let number = Double(part.trimmingCharacters(in: .whitespaces)), number.isFinite else {
        throw CommandFailure(
          .usage,
          what: "This is no list of numbers",
          to: text,
          todo: "Write NUMBER,NUMBER"
        )
      }
      numbers.append(number)
    }
    return numbers
  }

  /// A chi-square test as a line.
  static func chiSquare(_ test: TestResult) -> String {
    "Chi-square \(number(test.statistic)), \(exact(test.degreesOfFreedom ?? 0)) degrees of freedom, "
      + "p \(number(test.p))\n"
  }

  /// A table of coefficients; `ratio` names their exponential.
  static func coefficients(_ rows: [Coefficient], ratio: String) -> String {
    var table = TextTable(["term", "coefficient", "SE", "z", "p", ratio, "95 % low", "95 % high"])
    for row in rows {
      table.add([
        row.term, number(row.estimate), number(row.standardError), number(row.z), number(row.p),
        number(row.oddsRatio), number(row.oddsRatioLow), number(row.oddsRatioHigh),
      ])
    }
    return table.text
  }
}
