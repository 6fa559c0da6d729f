// SPDX-License-Identifier: Apache-2.0

import Foundation
import PooledAnalysis

/// What a candidate was refitted from.
///
/// With the cut's rows and the plan it is all that figures and coefficients depend on. The seeds of
/// all resampling stand in the plan.
struct RefitOrigin: Codable, Equatable {
  /// The data cut.
  let cut: String
  /// SHA-256 of the cut's content.
  let cutSHA256: String
  /// SHA-256 of the signed analysis plan.
  let planSHA256: String
  /// The release that was in force.
  let incumbentVersion: UInt64
  /// SHA-256 of its signed bytes.
  let incumbentSHA256: String
  /// The version that the candidate's is one above.
  let baseVersion: UInt64
  /// Which look at the gate it was, and when.
  let context: GateContext
  /// SHA-256 of the report.
  let reportSHA256: String
  /// SHA-256 of the candidate's bytes before any reason for an override was put in.
  let payloadSHA256: String
  /// The version of the program.
  let program: String

  /// One line of JSON with sorted names.
  func encoded() -> Data? {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return try? encoder.encode(self)
  }
}
