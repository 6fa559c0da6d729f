// SPDX-License-Identifier: Apache-2.0
import Crypto
import Foundation
import Replication
import SyncProtocol
import Testing

/// Sealed batches of every release, in `Tests/Wire`: append-only, and today's code opens each.
///
/// `LOBULE_RECORD=1` writes the samples of this version that are not there yet.
struct WireSampleTests {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Wire")

  private static func samples() throws -> [(name: String, changesets: [Changeset], bytes: Data)] {
    let first = BatchFixtures.random(seed: 41, changesets: 9, firstSequence: 1)
    let later = BatchFixtures.random(seed: 42, changesets: 9, firstSequence: 10)
    return [
      ("batch-1-first.bin", first, try seal(first)), ("batch-1-later.bin", later, try seal(later)),
    ]
  }

  private static func seal(_ changesets: [Changeset]) throws -> Data {
    try BatchFixtures.seal(changesets, foreign: BatchFixtures.foreign)[0].bytes
  }

  @Test func `today's code opens every committed batch`() throws {
    for sample in try Self.samples() {
      let file = Self.folder.appending(path: sample.name)
      if ProcessInfo.processInfo.environment["LOBULE_RECORD"] == "1",
        !FileManager.default.fileExists(atPath: file.path)
      {
        try sample.bytes.write(to: file)
      }
      let received = try ReceivedBatch.decode(Data(contentsOf: file))
      try received.verify(publicKey: BatchFixtures.identity().privateKey.publicKey)
      #expect(received.batch.changesets == sample.changesets, "\(sample.name)")
    }
  }
}
