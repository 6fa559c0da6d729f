// SPDX-License-Identifier: Apache-2.0

/// What a replica has: for each author, the last sequence seen, and so every earlier one.
public struct VersionVector: Hashable, Sendable {
  /// The last sequence by author; authors of whom nothing was seen are absent.
  public private(set) var entries: [ReplicaID: UInt64]

  /// Makes a vector; zero sequences are left out.
  public init(_ entries: [ReplicaID: UInt64] = [:]) {
    self.entries = entries.filter { $0.value > 0 }
  }

  /// The last sequence seen of an author, 0 when none was.
  public subscript(replica: ReplicaID) -> UInt64 { entries[replica] ?? 0 }

  /// Says whether the changeset of this dot was seen.
  public func covers(_ dot: Dot) -> Bool { dot.sequence <= self[dot.replica] }

  /// Records that an author was seen up to and including a sequence; never goes back.
  public mutating func advance(_ replica: ReplicaID, to sequence: UInt64) {
    if sequence > self[replica] { entries[replica] = sequence }
  }

  /// Takes in all that another vector covers.
  public mutating func merge(_ other: VersionVector) {
    entries.merge(other.entries) { max($0, $1) }
  }

  /// Says whether this vector covers all that the other covers.
  public func dominates(_ other: VersionVector) -> Bool {
    other.entries.allSatisfy { self[$0.key] >= $0.value }
  }
}
