// SPDX-License-Identifier: Apache-2.0

import Biostatistics
import CommandSupport

/// Turns the statistics library's errors into what happened, to what, what to do.
enum StatisticsFailure {
  static func describe(_ error: BiostatisticsError) -> CommandFailure {
    switch error {
    case .emptyInput: refused("There are no rows to compute from", "", "")
    case .noEvents(let count):
      refused("None of the \(count) rows has the event", "", "Check the outcome's coding")
    case .noNonEvents(let count):
      refused("All of the \(count) rows have the event", "", "Check the outcome's coding")
    case .rankDeficient(let columns):
      refused(
        "Predictors are combinations of the ones before them",
        columns.joined(separator: ", "),
        "Leave them out"
      )
    case .separated(let kind, let columns):
      refused(
        kind == .complete
          ? "The predictors separate the outcomes completely, so estimates are infinite"
          : "The predictors separate some of the outcomes, so estimates are infinite",
        columns.joined(separator: ", "),
        "Use `statistics firth`, or leave them out"
      )
    case .duplicateColumn(let name): refused("A column is named twice", name, "Name it once")
    case .tooFew(let what, let needed, let found):
      refused("There are too few \(what): \(found), and \(needed) are needed", "", "")
    default: describeNumbers(error)
    }
  }

  private static func describeNumbers(_ error: BiostatisticsError) -> CommandFailure {
    switch error {
    case .notFinite(let input, let position):
      refused("A value is infinite", "\(input), complete row \(position + 1)", "Correct it")
    case .outcomeNotBinary(let position):
      refused("The outcome is neither 0 nor 1", "complete row \(position + 1)", "Recode it")
    case .weightNotPositive(let position):
      refused("A weight is not above 0", "complete row \(position + 1)", "Correct it")
    case .outOfRange(let parameter, let value):
      refused("A value is outside its range", "\(parameter) \(StatisticsText.exact(value))", "")
    case .zeroCell(let name): refused("A count of 0 makes the statistic undefined", name, "")
    case .zeroVariance(let name): refused("There is no variance to compare with", name, "")
    case .notConverged(let iterations):
      refused("The fit did not converge in \(iterations) steps", "", "Check the predictors' scales")
    case .notPositiveDefinite:
      refused("The predictors do not determine the estimates", "", "Leave some out")
    case .countsDiffer(let expected, let found):
      refused("Columns differ in length", "\(expected) and \(found)", "")
    case .columnsDiffer(let expected, _):
      refused("The columns differ from the model's", expected.joined(separator: ", "), "")
    default: refused("The statistic could not be computed", "\(error)", "")
    }
  }

  private static func refused(_ what: String, _ to: String, _ todo: String) -> CommandFailure {
    CommandFailure(.refused, what: what, to: to, todo: todo)
  }
}
