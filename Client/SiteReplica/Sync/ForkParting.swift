// SPDX-License-Identifier: Apache-2.0

import Replication

/// Where two histories of one replica id part.
struct ForkParting {
  /// The id.
  private let replica: ReplicaID
  /// The last sequence that both have alike: nothing up to there is issued again.
  let shared: UInt64
  /// The last batch end of the other history up to `shared`.
  private let before: UInt64
  /// Its first batch end from `shared` on, when `shared` lies within a batch, and what that batch
  /// writes beyond.
  private let within: (end: UInt64, writes: Set<Address>)?

  /// Compares both histories of an id after their common ground.
  init(of replica: ReplicaID, ground: UInt64, ours: [Changeset], theirs: [Batch]) {
    self.replica = replica
    var known: [UInt64: Changeset] = [:]
    for changeset in theirs.flatMap(\.changesets) { known[changeset.dot.sequence] = changeset }
    var shared = ground
    for changeset in ours {
      guard known[changeset.dot.sequence] == changeset else { break }
      shared = changeset.dot.sequence
    }
    self.shared = shared
    let last = shared
    before = theirs.map(\.lastSequence).last { $0 <= last } ?? ground
    let parted = theirs.first { $0.firstSequence <= last && $0.lastSequence > last }
    within = parted.map { batch in
      let beyond = batch.changesets.filter { $0.dot.sequence > last }
      return (batch.lastSequence, Set(beyond.flatMap(\.writes).map(\.address)))
    }
  }

  /// What is to be issued again of a batch, each part with the last sequence that its context names.
  ///
  /// Of a batch of an id that this device took later, that is everything.
  ///
  /// A context names batch ends alone. When the histories part within a batch, it names the end
  /// where nothing that is written there beyond the parting would be replaced unseen, so that what
  /// was replaced before the parting stays replaced; else the end before, which replaces too little
  /// and so shows a conflict.
  func rest(of batch: Batch) -> [(point: UInt64, changesets: [Changeset])] {
    var parts: [(point: UInt64, changesets: [Changeset])] = []
    for changeset in batch.changesets
    where batch.replica != replica || changeset.dot.sequence > shared {
      let point = point(of: changeset)
      if parts.last?.point == point {
        parts[parts.count - 1].changesets.append(changeset)
      } else {
        parts.append((point, [changeset]))
      }
    }
    return parts
  }

  private func point(of changeset: Changeset) -> UInt64 {
    guard let within else { return before }
    let isSeen = changeset.writes.allSatisfy { !within.writes.contains($0.address) }
    return isSeen ? within.end : before
  }
}
