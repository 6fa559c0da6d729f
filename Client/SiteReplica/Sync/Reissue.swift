// SPDX-License-Identifier: Apache-2.0

import Replication

/// Maps changesets of a forked replica to its successor.
struct Reissue {
  /// The id that is left.
  let former: ReplicaID
  /// The new id.
  let successor: ReplicaID
  /// How many were issued again.
  private(set) var count: UInt64 = 0

  init(former: ReplicaID, successor: ReplicaID) {
    self.former = former
    self.successor = successor
  }

  /// The changesets under the new id; own dots up to `point` stay the old id's in their contexts.
  mutating func map(_ changesets: [Changeset], after point: UInt64) -> [Changeset] {
    changesets.map { changeset in
      var context = changeset.context.entries
      context[former] = point > 0 ? point : nil
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
