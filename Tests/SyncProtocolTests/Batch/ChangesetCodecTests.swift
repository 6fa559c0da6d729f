// SPDX-License-Identifier: Apache-2.0
import Foundation
import Replication
import SyncProtocol
import Testing

struct ChangesetCodecTests {
  @Test(arguments: Array(UInt64(1)...100))
  func `a pending changeset comes back bit for bit`(seed: UInt64) throws {
    for changeset in BatchFixtures.random(seed: seed, changesets: 5, firstSequence: 1) {
      let bytes = try ChangesetCodec.encode(changeset)
      #expect(try ChangesetCodec.decode(bytes) == changeset, "seed \(seed)")
    }
  }

  @Test func `cut and lengthened bytes are refused`() throws {
    let bytes = try ChangesetCodec.encode(BatchFixtures.changeset(3))
    for length in 0..<bytes.count {
      #expect(throws: SyncProtocolError.self) { try ChangesetCodec.decode(bytes.prefix(length)) }
    }
    #expect(throws: SyncProtocolError.self) { try ChangesetCodec.decode(bytes + [0]) }
  }

  @Test func `a changeset without writes is refused`() {
    let empty = BatchFixtures.changeset(1, writes: [])
    #expect(throws: SyncProtocolError.unwritable(empty.dot, .counts)) {
      try ChangesetCodec.encode(empty)
    }
  }
}
