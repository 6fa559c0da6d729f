// SPDX-License-Identifier: Apache-2.0

/// The name of one changeset: its author and its place in the author's sequence.
public struct Dot: Hashable, Comparable, Sendable, Codable {
  /// The author.
  public let replica: ReplicaID
  /// The place in the author's sequence, from 1.
  public let sequence: UInt64

  /// Makes a dot.
  public init(replica: ReplicaID, sequence: UInt64) {
    self.replica = replica
    self.sequence = sequence
  }

  /// Orders dots by replica, then by sequence.
  public static func < (left: Self, right: Self) -> Bool {
    left.replica != right.replica
      ? left.replica < right.replica : left.sequence < right.sequence
  }
}
