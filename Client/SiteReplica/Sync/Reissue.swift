// SPDX-License-Identifier: Apache-2.0

import Replication

/// Maps changesets of the ids that a device leaves to their successor.
struct Reissue {
  /// The ids that are left, in the order in which the device wrote under them.
  let left: [ReplicaID]
  /// The new id.
  let successor: ReplicaID
  /// How many were issued again.
  private(set) var count: UInt64 = 0

  init(left: [ReplicaID], successor: ReplicaID) {
    self.left = left
    self.successor = successor
  }

  /// The changesets under the new id, in the order of the device's own history.
  ///
  /// Of the first id that is left, own dots up to `point` stay what they are in their contexts; of
  /// the later ones nothing stays.
  mutating func map(_ changesets: [Changeset], after point: UInt64) -> [Changeset] {
    changesets.map { changeset in
      var context = changeset.context.entries
      for replica in left { context[replica] = nil }
      if let first = left.first, point > 0 { context[first] = point }
      context[successor] = count > 0 ? count : nil
      count += 1
      return Changeset(
        dot: Dot(replica: successor, sequence: count),
        lamport: changeset.lamport,
        reason: changeset.reason,
        context: VersionVector(context),
        writes: changeset.writes
      )
    }
  }
}
