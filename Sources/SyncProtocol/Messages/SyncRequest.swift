// SPDX-License-Identifier: Apache-2.0
public import Foundation
public import Replication

/// What a site sends at each sync.
public struct SyncRequest: Hashable, Sendable {
  /// The most bytes of a request or reply.
  public static let limitBytes = 16 << 20

  /// What the site has, sealed or received.
  public let vector: VersionVector
  /// The newest chain link of each replica in the vector.
  public let chainHeads: [ContextEntry]
  /// The 32-byte root of the state digest.
  public let stateRoot: Data
  /// Sealed batches that the centre lacked by its last stated vector, in the order of the log.
  public let batches: [Data]
  /// The version of the site's model, 0 for none.
  public let modelVersion: UInt64
  /// How many bytes of batches the reply may carry.
  public let replyLimitBytes: UInt32
  /// Says whether more batches will follow in another request.
  public let hasMore: Bool
  /// Asks for the 256 digest buckets, after roots that differed at equal vectors.
  public let wantsBuckets: Bool
  /// The size of the last audit checkpoint that the site keeps.
  public let auditSize: UInt64
  /// Batches that the site stores and cannot read yet: up to here they need not be sent again.
  public let kept: VersionVector
  /// Asks for the addresses of one digest bucket, 0 to 255, that differed.
  public let wantedBucket: Int?

  /// Makes a request.
  public init(
    vector: VersionVector,
    chainHeads: [ContextEntry],
    stateRoot: Data,
    batches: [Data] = [],
    modelVersion: UInt64 = 0,
    replyLimitBytes: UInt32 = 4 << 20,
    hasMore: Bool = false,
    wantsBuckets: Bool = false,
    auditSize: UInt64 = 0,
    kept: VersionVector = VersionVector(),
    wantedBucket: Int? = nil
  ) {
    self.vector = vector
    self.chainHeads = chainHeads
    self.stateRoot = stateRoot
    self.batches = batches
    self.modelVersion = modelVersion
    self.replyLimitBytes = replyLimitBytes
    self.hasMore = hasMore
    self.wantsBuckets = wantsBuckets
    self.auditSize = auditSize
    self.kept = kept
    self.wantedBucket = wantedBucket
  }

  /// What the site has stored, merged or not: up to here nothing need be sent again.
  public var stored: VersionVector {
    var stored = vector
    stored.merge(kept)
    return stored
  }

  /// The bytes of the request.
  ///
  /// A chain head whose sequence is not the vector's own has no place in them.
  public func encoded() -> Data {
    var message = WireSyncRequest()
    message.wireVersion = StrictMessage.wireVersion
    message.seen = WireSeen(vector: vector, chainHeads: chainHeads)
    message.stateRoot = stateRoot
    message.batches = batches
    message.modelVersion = modelVersion
    message.limitBytes = replyLimitBytes
    message.hasMore_p = hasMore
    message.wantsBuckets = wantsBuckets
    message.auditSize = auditSize
    if !kept.entries.isEmpty { message.kept = WireSeen(vector: kept) }
    message.wantsBucket = wantedBucket.map { UInt32($0) + 1 } ?? 0
    return StrictMessage.encode(message)
  }

  /// Reads a request; the batches inside are not looked at, fields of later versions are ignored.
  ///
  /// - Throws: `SyncProtocolError.form` or `.unknownWireVersion`.
  public init(decoding bytes: Data) throws(SyncProtocolError) {
    try StrictMessage.checkVersion(of: bytes)
    let message = try StrictMessage.decodeOpen(
      WireSyncRequest.self,
      from: bytes,
      limit: Self.limitBytes
    )
    try StrictMessage.check(version: message.wireVersion)
    guard message.stateRoot.count == 32 else { throw .form(.length) }
    guard message.wantsBucket <= 256 else { throw .form(.index) }
    let seen = try message.seen.entries()
    self.init(
      vector: VersionVector(seen),
      chainHeads: seen.filter { !$0.chainPrefix.isEmpty },
      stateRoot: message.stateRoot,
      batches: message.batches,
      modelVersion: message.modelVersion,
      replyLimitBytes: message.limitBytes,
      hasMore: message.hasMore_p,
      wantsBuckets: message.wantsBuckets,
      auditSize: message.auditSize,
      kept: VersionVector(try message.kept.entries()),
      wantedBucket: message.wantsBucket > 0 ? Int(message.wantsBucket) - 1 : nil
    )
  }
}
