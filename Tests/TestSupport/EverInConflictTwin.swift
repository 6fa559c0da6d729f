// SPDX-License-Identifier: Apache-2.0

package import Replication

/// The addresses ever in conflict, slow and by the definition: of every two writes of an address
/// with different values, whether neither's context covers the other's dot.
package func addressesEverInConflict(_ batches: [Batch]) -> [Address] {
  var writes: [Address: [(value: Value, changeset: Changeset)]] = [:]
  for changeset in batches.flatMap(\.changesets) {
    for write in changeset.writes {
      writes[write.address, default: []].append((write.value, changeset))
    }
  }
  return writes.filter { _, own in
    own.contains { left in
      own.contains { right in
        left.value != right.value && !left.changeset.context.covers(right.changeset.dot)
          && !right.changeset.context.covers(left.changeset.dot)
          && left.changeset.dot != right.changeset.dot
      }
    }
  }.keys.sorted()
}
