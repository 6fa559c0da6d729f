// SPDX-License-Identifier: Apache-2.0
import Foundation
import Replication
import SyncProtocol
import Testing

struct SyncMessageTests {
  private static func entries(_ count: Int) -> [ContextEntry] {
    (1...count).map {
      ContextEntry(
        replica: ReplicaID(high: UInt64($0), low: .max),
        last: 100_000 + UInt64($0),
        chainPrefix: [UInt8](repeating: UInt8($0), count: 8)
      )
    }
  }

  private static func vector(_ entries: [ContextEntry]) -> VersionVector {
    VersionVector(Dictionary(uniqueKeysWithValues: entries.map { ($0.replica, $0.last) }))
  }

  private static func request(_ count: Int) -> SyncRequest {
    let heads = entries(count)
    return SyncRequest(
      vector: vector(heads),
      chainHeads: heads,
      stateRoot: Data(repeating: 5, count: 32),
      batches: [Data([1, 2]), Data([3])],
      modelVersion: 4,
      replyLimitBytes: 5,
      hasMore: true,
      wantsBuckets: true,
      auditSize: 6,
      kept: VersionVector([ReplicaID(high: 3, low: 3): 8]),
      wantedBucket: 0
    )
  }

  private static func reply(_ count: Int) -> SyncReply {
    let heads = entries(count)
    return SyncReply(
      vector: vector(heads),
      chainHeads: heads,
      stateRoot: Data(repeating: 5, count: 32),
      batches: [Data([1, 2])],
      hasMore: true,
      acceptedBatches: 3,
      acceptedChangesets: 9,
      refused: [
        BatchRefusal(
          replica: heads[0].replica,
          firstSequence: 2,
          changesets: 3,
          reason: "signature"
        ),
        BatchRefusal(replica: nil, firstSequence: 0, changesets: 0, reason: "form"),
      ],
      modelVersion: 4,
      stateBuckets: Data(count: 4096),
      auditCheckpoint: Data([7]),
      kept: VersionVector([ReplicaID(high: 3, low: 3): 8]),
      bucketAddresses: Data(count: 32)
    )
  }

  @Test func `a request comes back`() throws {
    #expect(try SyncRequest(decoding: Self.request(3).encoded()) == Self.request(3))
  }

  @Test func `a reply comes back`() throws {
    #expect(try SyncReply(decoding: Self.reply(3).encoded()) == Self.reply(3))
  }

  @Test func `a vector without chain links comes back without them`() throws {
    let vector = Self.vector(Self.entries(2))
    let request = SyncRequest(vector: vector, chainHeads: [], stateRoot: Data(count: 32))
    let read = try SyncRequest(decoding: request.encoded())
    #expect(read.vector == vector)
    #expect(read.chainHeads.isEmpty)
  }

  @Test func `an idle sync of a site with ten replicas is below 500 bytes each way`() {
    let heads = Self.entries(10)
    let root = Data(repeating: 5, count: 32)
    let request = SyncRequest(
      vector: Self.vector(heads),
      chainHeads: heads,
      stateRoot: root,
      modelVersion: 3
    )
    let reply = SyncReply(
      vector: Self.vector(heads),
      chainHeads: heads,
      stateRoot: root,
      modelVersion: 3
    )
    #expect(request.encoded().count < 500)
    #expect(reply.encoded().count < 500)
  }

  @Test func `cut and lengthened messages are refused`() throws {
    let request = Self.request(2).encoded()
    #expect(throws: SyncProtocolError.self) { try SyncRequest(decoding: request.dropLast()) }
    #expect(throws: SyncProtocolError.unknownWireVersion(0)) { try SyncRequest(decoding: Data()) }
    #expect(throws: SyncProtocolError.form(.notCanonical)) {
      try SyncRequest(decoding: request + [0x08, 0x01])
    }
    let reply = Self.reply(2).encoded()
    #expect(throws: SyncProtocolError.self) { try SyncReply(decoding: reply.dropLast()) }
    #expect(throws: SyncProtocolError.form(.notCanonical)) {
      try SyncReply(decoding: reply + [0x08, 0x01])
    }
  }

  @Test func `a state root of another length is refused`() {
    let request = SyncRequest(
      vector: VersionVector(),
      chainHeads: [],
      stateRoot: Data(count: 31)
    )
    #expect(throws: SyncProtocolError.form(.length)) {
      try SyncRequest(decoding: request.encoded())
    }
  }

  @Test func `routes name the site`() {
    #expect(SyncRoutes.sync("CD") == "/v1/sites/CD/sync")
    #expect(SyncRoutes.model("CD") == "/v1/sites/CD/model")
  }
}
