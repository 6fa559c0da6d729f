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
  /// Where the records differ, when they still do after both ends rebuilt them from the log.
  public var difference: RecordDifference?
  /// Changesets that are stored here and can be shown only by a newer program.
  public var waitingHere = 0
  /// Changesets that the centre has stored and can read only with a newer program.
  public var waitingAtCenter = 0
  /// Values here that a newer version of the study knows.
  public var unknownValues = 0
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

/// The first place at which two merged states with the same changes differ.
public struct RecordDifference: Sendable, Equatable {
  /// The digest's bucket, 0 to 255.
  public let bucket: Int
  /// The first 16 bytes of SHA-256 of the address, as 32 hexadecimal digits; nil when unnamed.
  public let address: String?
  /// The event and field at that address, when it is known here.
  public let place: String?
}
