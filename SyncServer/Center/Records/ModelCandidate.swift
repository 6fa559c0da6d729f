// SPDX-License-Identifier: Apache-2.0

public import Foundation
public import SyncProtocol

/// A model that may be released once two holders of model keys have signed it.
public struct ModelCandidate: Equatable, Sendable {
  /// The candidate's name: `candidate-` and the first 12 digits of its payload's hash.
  public let id: String
  /// The cut it was refitted on; nil for the seed model.
  public let cut: String?
  /// The model's id.
  public let modelID: String
  /// The version it will have.
  public let version: UInt64
  /// Whether it passed the gate of the plan.
  public let hasPassedGate: Bool
  /// When it was made, in seconds since 1970.
  public let madeAt: Int
  /// The report it was made with, as JSON.
  public let report: Data
  /// The model document with the signatures so far.
  public var envelope: Envelope
  /// Why it was signed without having passed the gate; nil when nobody had to.
  public var overrideReason: String?
  /// When it was released; nil before.
  public var releasedAt: Int?

  /// Makes a candidate of its parts.
  public init(
    id: String,
    cut: String?,
    modelID: String,
    version: UInt64,
    hasPassedGate: Bool,
    madeAt: Int,
    report: Data,
    envelope: Envelope,
    overrideReason: String? = nil,
    releasedAt: Int? = nil
  ) {
    self.id = id
    self.cut = cut
    self.modelID = modelID
    self.version = version
    self.hasPassedGate = hasPassedGate
    self.madeAt = madeAt
    self.report = report
    self.envelope = envelope
    self.overrideReason = overrideReason
    self.releasedAt = releasedAt
  }
}
