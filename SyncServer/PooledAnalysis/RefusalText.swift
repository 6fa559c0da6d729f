// SPDX-License-Identifier: Apache-2.0
import Biostatistics

/// Why a statistic was refused, in words for reports.
enum RefusalText {
  static func text(_ error: any Error) -> String {
    guard let error = error as? BiostatisticsError else { return "\(error)" }
    return switch error {
    case .emptyInput: "there are no patients"
    case .noEvents: "nobody had the outcome"
    case .noNonEvents: "everybody had the outcome"
    case .rankDeficient: "its columns depend on each other"
    case .separated: "events and non-events are separated, so that no finite estimate exists"
    case .notConverged(let iterations): "not converged after \(iterations) iterations"
    case .zeroVariance: "there is nothing that varies"
    case .tooFew(_, let needed, let found): "\(needed) are needed, there are \(found)"
    default: "\(error)"
    }
  }
}
