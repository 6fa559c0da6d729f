// SPDX-License-Identifier: Apache-2.0

/// What a sync did.
public struct SyncReport: Sendable, Equatable {
  /// Changesets of this site that the centre took.
  public var pushedChangesets = 0
  /// Changesets of other devices and the centre that were applied here.
  public var pulledChangesets = 0
  /// Changesets that were sent: taken and refused ones.
  public var sent: Int { pushedChangesets + refused }
  /// Changesets that the centre refused.
  public var refused = 0
  /// Why, by the centre's code, with the number of changesets.
  public var refusals: [String: Int] = [:]
  /// Fields in conflict here afterwards.
  public var conflicts = 0
  /// Whether both ends hold the same merged state; nil when they cannot be compared.
  public var isDigestEqual: Bool?
  /// Whether the heads here had to be rebuilt from the log.
  public var hasRebuiltHeads = false
  /// Whether this device took a new replica id.
  public var hasForked = false
  /// Bytes sent, headers included, before encryption.
  public var bytesSent = 0
  /// Bytes received, headers included, before encryption.
  public var bytesReceived = 0
  /// Requests made.
  public var requests = 0
  /// What was found of the centre's audit log.
  public var centerAudit = AuditFinding.unchanged
  /// The version of the model release in use afterwards.
  public var modelVersion: UInt64 = 0
  /// Why a newer model release was not taken; the rest of the sync stands.
  public var modelRefusal: ModelRefusal?
}
