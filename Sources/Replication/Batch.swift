// SPDX-License-Identifier: Apache-2.0

/// The SHA-256 of a sealed batch's bytes: its link in the author's chain.
public struct BatchHash: Hashable, Sendable, CustomStringConvertible {
  /// The 32 bytes; all zero before an author's first batch.
  public let bytes: [UInt8]

  /// The link before an author's first batch.
  public static let none = BatchHash(unchecked: [UInt8](repeating: 0, count: 32))

  /// Takes 32 bytes; nil when their number is another.
  public init?(bytes: some Collection<UInt8>) {
    guard bytes.count == 32 else { return nil }
    self.bytes = Array(bytes)
  }

  private init(unchecked bytes: [UInt8]) { self.bytes = bytes }

  /// The first eight bytes, as context entries carry them.
  public var prefix8: [UInt8] { Array(bytes.prefix(8)) }

  /// The 64 lower-case hexadecimal digits.
  public var description: String { hexadecimal(bytes) }
}

/// What an author had of one other replica when sealing a batch.
public struct ContextEntry: Hashable, Sendable {
  /// The other replica.
  public let replica: ReplicaID
  /// The last sequence seen of it: always the last one of some batch.
  public let last: UInt64
  /// The first eight bytes of the hash of the batch that ends there.
  public let chainPrefix: [UInt8]

  /// Makes a context entry.
  public init(replica: ReplicaID, last: UInt64, chainPrefix: [UInt8]) {
    self.replica = replica
    self.last = last
    self.chainPrefix = chainPrefix
  }
}

/// Consecutive changesets of one replica, sealed together.
public struct Batch: Hashable, Sendable {
  /// The scope: the site all of it belongs to.
  public let site: String
  /// The author.
  public let replica: ReplicaID
  /// The name of the key that signed it.
  public let keyID: String
  /// The first changeset's sequence.
  public let firstSequence: UInt64
  /// The hash of the author's batch before this one.
  public let previous: BatchHash
  /// The hash of this batch's bytes as its author sealed them.
  public let hash: BatchHash
  /// The version of the data dictionary the author used.
  public let dictionaryVersion: String
  /// What the author had of others, by rising replica.
  public let foreignContext: [ContextEntry]
  /// The changesets, by rising sequence; without a gap unless some were taken out by law.
  public let changesets: [Changeset]
  /// The ids of the patients that are new in this batch, in order of first use.
  public let introduced: [PatientID]
  /// The patients that a received batch names by number; `resolved` puts ids in their place.
  public let references: [PatientReference]
  /// How many changesets a later version's program wrote, which this one cannot read; else nil.
  public let unread: Int?
  /// What was taken out of it by law; nil for a batch as its author sealed it.
  public let redaction: BatchRedaction?

  /// Makes a batch.
  public init(
    site: String,
    replica: ReplicaID,
    keyID: String,
    firstSequence: UInt64,
    previous: BatchHash,
    hash: BatchHash,
    dictionaryVersion: String,
    foreignContext: [ContextEntry],
    changesets: [Changeset],
    introduced: [PatientID] = [],
    references: [PatientReference] = [],
    unread: Int? = nil,
    redaction: BatchRedaction? = nil
  ) {
    self.site = site
    self.replica = replica
    self.keyID = keyID
    self.firstSequence = firstSequence
    self.previous = previous
    self.hash = hash
    self.dictionaryVersion = dictionaryVersion
    self.foreignContext = foreignContext
    self.changesets = changesets
    self.introduced = introduced
    self.references = references
    self.unread = unread
    self.redaction = redaction
  }

  /// How many changesets it has, read or not.
  public var changesetCount: Int { redaction?.changesetCount ?? unread ?? changesets.count }

  /// The last changeset's sequence.
  public var lastSequence: UInt64 { firstSequence + UInt64(changesetCount) - 1 }
}
