// SPDX-License-Identifier: Apache-2.0
public import Foundation
public import Replication

/// A batch that the centre did not take.
public struct BatchRefusal: Hashable, Sendable {
  /// The author that the batch names; nil when its bytes name none.
  public let replica: ReplicaID?
  /// The first sequence that the batch names, 0 when its bytes name none.
  public let firstSequence: UInt64
  /// How many changesets are affected.
  public let changesets: Int
  /// A code: `signature`, `chain`, `form`, `scope`, `fork` or `revoked`.
  public let reason: String

  /// Makes a refusal.
  public init(replica: ReplicaID?, firstSequence: UInt64, changesets: Int, reason: String) {
    self.replica = replica
    self.firstSequence = firstSequence
    self.changesets = changesets
    self.reason = reason
  }
}

/// What the centre answers to a sync.
public struct SyncReply: Hashable, Sendable {
  /// What the centre has of this site, after taking in the request's batches.
  public let vector: VersionVector
  /// The newest chain link of each replica in the vector.
  public let chainHeads: [ContextEntry]
  /// The 32-byte root of the centre's state digest for this site.
  public let stateRoot: Data
  /// Sealed batches of this site that the request's vector lacked, in the order of the log.
  public let batches: [Data]
  /// Says whether the centre has more batches for the site.
  public let hasMore: Bool
  /// How many of the request's batches are at the centre now, new ones alone.
  public let acceptedBatches: Int
  /// How many changesets are in them.
  public let acceptedChangesets: Int
  /// The batches that were refused.
  public let refused: [BatchRefusal]
  /// The version of the newest released model, 0 for none.
  public let modelVersion: UInt64
  /// The 256 digest buckets, 4096 bytes, when they were asked for; else empty.
  public let stateBuckets: Data
  /// An `AuditProof` when the audit log is not at the size that the request names; else empty.
  public let auditCheckpoint: Data
  /// Batches that the centre stores and cannot read yet: up to here they need not be sent again.
  public let kept: VersionVector
  /// The addresses of the bucket that was asked for, 32 bytes each; else empty.
  public let bucketAddresses: Data

  /// Makes a reply.
  public init(
    vector: VersionVector,
    chainHeads: [ContextEntry],
    stateRoot: Data,
    batches: [Data] = [],
    hasMore: Bool = false,
    acceptedBatches: Int = 0,
    acceptedChangesets: Int = 0,
    refused: [BatchRefusal] = [],
    modelVersion: UInt64 = 0,
    stateBuckets: Data = Data(),
    auditCheckpoint: Data = Data(),
    kept: VersionVector = VersionVector(),
    bucketAddresses: Data = Data()
  ) {
    self.vector = vector
    self.chainHeads = chainHeads
    self.stateRoot = stateRoot
    self.batches = batches
    self.hasMore = hasMore
    self.acceptedBatches = acceptedBatches
    self.acceptedChangesets = acceptedChangesets
    self.refused = refused
    self.modelVersion = modelVersion
    self.stateBuckets = stateBuckets
    self.auditCheckpoint = auditCheckpoint
    self.kept = kept
    self.bucketAddresses = bucketAddresses
  }
}

extension SyncReply {
  /// What the centre has stored, merged or not: up to here nothing need be sent again.
  public var stored: VersionVector {
    var stored = vector
    stored.merge(kept)
    return stored
  }

  /// The bytes of the reply.
  ///
  /// A chain head whose sequence is not the vector's own has no place in them.
  public func encoded() -> Data {
    var message = WireSyncReply()
    message.wireVersion = StrictMessage.wireVersion
    message.seen = WireSeen(vector: vector, chainHeads: chainHeads)
    message.stateRoot = stateRoot
    message.batches = batches
    message.hasMore_p = hasMore
    message.acceptedBatches = UInt64(acceptedBatches)
    message.acceptedChangesets = UInt64(acceptedChangesets)
    message.refused = refused.map(WireRefusal.init)
    message.modelVersion = modelVersion
    message.stateBuckets = stateBuckets
    message.auditCheckpoint = auditCheckpoint
    if !kept.entries.isEmpty { message.kept = WireSeen(vector: kept) }
    message.bucketAddresses = bucketAddresses
    return StrictMessage.encode(message)
  }

  /// Reads a reply; the batches inside are not looked at, fields of later versions are ignored.
  ///
  /// - Throws: `SyncProtocolError.form` or `.unknownWireVersion`.
  public init(decoding bytes: Data) throws(SyncProtocolError) {
    try StrictMessage.checkVersion(of: bytes)
    let message = try StrictMessage.decodeOpen(
      WireSyncReply.self,
      from: bytes,
      limit: SyncRequest.limitBytes
    )
    try StrictMessage.check(version: message.wireVersion)
    guard message.stateRoot.count == 32, [0, 4096].contains(message.stateBuckets.count),
      message.bucketAddresses.count % 32 == 0
    else { throw .form(.length) }
    guard let acceptedBatches = Int(exactly: message.acceptedBatches),
      let acceptedChangesets = Int(exactly: message.acceptedChangesets)
    else { throw .form(.counts) }
    let seen = try message.seen.entries()
    var refused: [BatchRefusal] = []
    for refusal in message.refused { refused.append(try refusal.refusal()) }
    self.init(
      vector: VersionVector(seen),
      chainHeads: seen.filter { !$0.chainPrefix.isEmpty },
      stateRoot: message.stateRoot,
      batches: message.batches,
      hasMore: message.hasMore_p,
      acceptedBatches: acceptedBatches,
      acceptedChangesets: acceptedChangesets,
      refused: refused,
      modelVersion: message.modelVersion,
      stateBuckets: message.stateBuckets,
      auditCheckpoint: message.auditCheckpoint,
      kept: VersionVector(try message.kept.entries()),
      bucketAddresses: message.bucketAddresses
    )
  }
}

extension WireRefusal {
  init(_ refusal: BatchRefusal) {
    self.init()
    replica = refusal.replica.map { Data($0.bytes) } ?? Data()
    firstSequence = refusal.firstSequence
    changesets = UInt64(refusal.changesets)
    reason = refusal.reason
  }

  func refusal() throws(SyncProtocolError) -> BatchRefusal {
    guard replica.isEmpty || replica.count == 16 else { throw .form(.length) }
    guard BatchLimits.isName(reason) else { throw .form(.name) }
    guard let count = Int(exactly: changesets) else { throw .form(.counts) }
    return BatchRefusal(
      replica: ReplicaID(bytes: replica),
      firstSequence: firstSequence,
      changesets: count,
      reason: reason
    )
  }
}
