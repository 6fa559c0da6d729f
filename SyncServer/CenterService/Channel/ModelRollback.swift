// SPDX-License-Identifier: Apache-2.0

public import Center
import Foundation
import RiskModel

/// What a rollback was made from.
struct RollbackOrigin: Codable, Equatable {
  /// The earlier release that is given again.
  let rollbackTo: UInt64
  /// Its new version.
  let version: UInt64
  /// Why.
  let reason: String
}

/// Gives an earlier model again under a higher version: versions never fall at the sites.
public enum ModelRollback {
  /// Makes the candidate, which two model keys must sign like any other.
  ///
  /// - Parameters:
  ///   - version: The earlier release.
  ///   - reason: Why; it stands in the model's status and on its card.
  ///   - center: The centre.
  ///   - now: Seconds since 1970.
  /// - Returns: The candidate.
  /// - Throws: `CenterServiceError.center` when there is no such release.
  public static func propose(
    to version: UInt64,
    reason: String,
    center: Center,
    now: Int
  ) throws(CenterServiceError) -> ModelCandidate {
    let least: UInt64
    do throws(CenterError) {
      least = try center.versionToExceed()
      guard version <= least else {
        throw CenterError.versionNotRising(candidate: version, released: least)
      }
    } catch { throw .center(error) }
    let origin = RollbackOrigin(rollbackTo: version, version: least + 1, reason: reason)
    let release = try self.release(origin, center: center)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    do throws(CenterError) {
      return try center.addCandidate(
        release.encoded(),
        modelID: release.modelID,
        version: release.version,
        cut: nil,
        report: Data("{}".utf8),
        hasPassedGate: false,
        origin: try? encoder.encode(origin),
        now: now
      )
    } catch { throw .center(error) }
  }

  /// The earlier model with its new version, and the reason in status and card.
  static func release(
    _ origin: RollbackOrigin,
    center: Center
  ) throws(CenterServiceError) -> ModelRelease {
    let bytes: Data
    do throws(CenterError) {
      bytes = try center.releasedModel(version: origin.rollbackTo)
    } catch { throw .center(.unknownRelease(origin.rollbackTo)) }
    let earlier = try CenterAnalysis.release(bytes)
    var card = earlier.card
    card.limitations.insert(
      "Release \(origin.rollbackTo) given again as release \(origin.version): \(origin.reason)",
      at: 0
    )
    return earlier.numbered(
      origin.version,
      status: "\(earlier.status); release \(origin.rollbackTo) again: \(origin.reason)",
      card: card
    )
  }
}
