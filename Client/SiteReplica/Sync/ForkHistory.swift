// SPDX-License-Identifier: Apache-2.0

import Replication
import SyncProtocol

/// What the centre says and brings of the histories of its site's replica ids.
struct CenterHistories {
  /// How much it has of each.
  let stored: VersionVector
  /// The newest link of each chain.
  let heads: [ContextEntry]
  /// The ids of which it refused a batch as a fork.
  let refused: Set<ReplicaID>
  /// The batches that it sent.
  let batches: [ReceivedBatch]

  /// The links that it has of an id's chain, as far as this device can know them.
  func links(of replica: ReplicaID, upTo last: UInt64) -> [ContextEntry] {
    let predecessors = batches.filter { $0.batch.replica == replica }.map { received in
      ContextEntry(
        replica: replica,
        last: received.batch.firstSequence - 1,
        chainPrefix: received.batch.previous.prefix8
      )
    }
    // Before its first batch, every chain is alike.
    return (heads.filter { $0.replica == replica } + predecessors)
      .filter { $0.last > 0 && $0.last <= last }
  }
}

/// What the centre has of a replica id that two histories share.
struct ForkHistory {
  /// The id.
  let replica: ReplicaID
  /// Everything that the centre sent when asked, in its order: of other replicas too.
  let batches: [ReceivedBatch]
  /// The newest link of the id's chain at the centre; nil when it has none.
  let head: ContextEntry?

  /// The batches of the shared id, by rising sequence.
  var ofReplica: [ReceivedBatch] {
    batches.filter { $0.batch.replica == replica }
      .sorted { $0.batch.firstSequence < $1.batch.firstSequence }
  }

  /// The last batch end up to which both histories are known to be one.
  ///
  /// - Parameter ends: Where batches end in the history here, each with its link; 0 is one of them.
  /// - Returns: The greatest such end; nil when the batches do not reach back far enough.
  func ground(among ends: [UInt64: BatchHash]) -> UInt64? {
    let followers = ofReplica
    return ends.keys.sorted(by: >).first { end in
      guard let link = ends[end] else { return false }
      if let head, head.last == end { return head.chainPrefix == link.prefix8 }
      if end == 0, head == nil { return true }
      return followers.contains {
        $0.batch.firstSequence == end + 1 && $0.batch.previous == link
      }
    }
  }
}

/// Asks the centre for its history of this device's own replica id, further back each time.
struct ForkProbe {
  /// The shared id.
  let replica: ReplicaID
  /// The sequence after which its batches are asked for.
  private(set) var point: UInt64
  /// What is stated to the centre: the log's vector with the id at `point`, and what has come.
  private(set) var vector: VersionVector
  private(set) var batches: [ReceivedBatch] = []
  private let log: VersionVector
  private var stride = 1

  init(replica: ReplicaID, after point: UInt64, log: VersionVector) {
    self.replica = replica
    self.point = point
    self.log = log
    vector = Self.vector(log, replica, point)
  }

  mutating func take(_ received: [ReceivedBatch]) {
    batches += received
    for entry in received { vector.advance(entry.batch.replica, to: entry.batch.lastSequence) }
  }

  /// Starts again from an earlier batch end; twice as far back each time.
  mutating func goBack(among ends: [UInt64]) {
    let earlier = ends.filter { $0 < point }.sorted(by: >)
    point = earlier.isEmpty ? 0 : earlier[min(stride, earlier.count) - 1]
    stride *= 2
    batches = []
    vector = Self.vector(log, replica, point)
  }

  private static func vector(
    _ log: VersionVector,
    _ replica: ReplicaID,
    _ point: UInt64
  ) -> VersionVector {
    var entries = log.entries
    entries[replica] = point > 0 ? point : nil
    return VersionVector(entries)
  }
}
