// SPDX-License-Identifier: Apache-2.0
import Foundation
import Replication

extension WireSeen {
  private static let noPrefix = [UInt8](repeating: 0, count: 8)

  /// Writes entries, by rising replica.
  init(_ entries: [ContextEntry]) {
    self.init()
    for entry in entries.sorted(by: { $0.replica < $1.replica }) {
      replicas.append(contentsOf: entry.replica.bytes)
      lasts.append(entry.last)
      chainPrefixes.append(contentsOf: entry.chainPrefix)
    }
  }

  /// Writes a vector with the chain links that are known for its very sequences.
  init(vector: VersionVector, chainHeads: [ContextEntry] = []) {
    let links = Dictionary(chainHeads.map { ($0.replica, $0) }) { first, _ in first }
    self.init(
      vector.entries.map { replica, last in
        if let link = links[replica], link.last == last, link.chainPrefix.count == 8 {
          link
        } else {
          ContextEntry(replica: replica, last: last, chainPrefix: Self.noPrefix)
        }
      }
    )
  }

  /// Reads the entries and checks their form; a prefix of zeros reads as empty.
  func entries() throws(SyncProtocolError) -> [ContextEntry] {
    let count = lasts.count
    guard count <= BatchLimits.seenEntries, replicas.count == 16 * count,
      chainPrefixes.count == 8 * count
    else { throw .form(.context) }
    let ids = [UInt8](replicas)
    let prefixes = [UInt8](chainPrefixes)
    var result: [ContextEntry] = []
    result.reserveCapacity(count)
    for index in 0..<count {
      guard let replica = ReplicaID(bytes: ids[16 * index..<16 * index + 16]),
        result.last.map({ $0.replica < replica }) ?? true,
        lasts[index] > 0, lasts[index] <= BatchLimits.greatestNumber
      else { throw .form(.context) }
      let prefix = Array(prefixes[8 * index..<8 * index + 8])
      result.append(
        ContextEntry(
          replica: replica,
          last: lasts[index],
          chainPrefix: prefix == Self.noPrefix ? [] : prefix
        )
      )
    }
    return result
  }
}

extension VersionVector {
  /// The vector that context entries state.
  init(_ entries: [ContextEntry]) {
    self.init(Dictionary(entries.map { ($0.replica, $0.last) }) { max($0, $1) })
  }
}
