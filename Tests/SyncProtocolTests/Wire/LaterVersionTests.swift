// SPDX-License-Identifier: Apache-2.0
import Crypto
import Foundation
import Replication
import Testing

@testable import SyncProtocol

/// Bytes as a later version of the program may write them.
struct LaterVersionTests {
  /// Field 99, a varint, as a later schema may add it: bytes of every message's end.
  private static let laterField = Data([0x98, 0x06, 0x2A])

  private func remade(
    body changeBody: (Data) -> Data = { $0 },
    columns changeColumns: (inout WireBatchColumns) -> Data = { StrictMessage.encode($0) }
  ) throws -> Data {
    var message = try StrictMessage.decode(
      WireSealedBatch.self,
      from: WireSamples.first(),
      limit: .max
    )
    var body = try StrictMessage.decode(WireBatchBody.self, from: message.body, limit: .max)
    var columns = try StrictMessage.decode(
      WireBatchColumns.self,
      from: Zstd.decompress(body.columns, limit: BatchLimits.columnsBytes),
      limit: .max
    )
    body.columns = try ZstdCompressor().compress(changeColumns(&columns), cuts: [])
    message.body = changeBody(StrictMessage.encode(body))
    let key = try BatchFixtures.identity().privateKey
    message.signature = try key.signature(for: BatchSealer.signatureLabel + message.body)
    return StrictMessage.encode(message)
  }

  private func expectKept(_ bytes: Data) throws {
    let received = try ReceivedBatch.decode(bytes)
    try received.verify(publicKey: BatchFixtures.identity().privateKey.publicKey)
    #expect(received.bytes == bytes)
    #expect(received.batch.unread == 2)
    #expect(received.batch.changesets.isEmpty)
    #expect(received.batch.lastSequence == 2)
    #expect(received.batch.site == "CD")
    #expect(Data(received.batch.hash.bytes) == Data(SHA256.hash(data: bytes)))
  }

  @Test func `a batch with a field of a later schema in its body is kept unread`() throws {
    try expectKept(try remade(body: { $0 + Self.laterField }))
  }

  @Test func `a batch with a field of a later schema in its columns is kept unread`() throws {
    try expectKept(try remade(columns: { StrictMessage.encode($0) + Self.laterField }))
  }

  @Test func `a batch with a value of a later kind is kept unread`() throws {
    try expectKept(
      try remade(columns: { columns in
        // The last place's kinds, all alike, become kind 13.
        let index = columns.bases.lastIndex(of: 10) ?? 0
        columns.bases[index] = 13
        return StrictMessage.encode(columns)
      })
    )
  }

  @Test func `a later field that is not at its place is refused`() throws {
    let bytes = try remade(body: { Self.laterField + $0 })
    #expect(throws: SyncProtocolError.form(.notCanonical)) { try ReceivedBatch.decode(bytes) }
  }

  @Test func `a field beside the signed bytes is refused`() throws {
    let bytes = try WireSamples.first() + Self.laterField
    #expect(throws: SyncProtocolError.form(.notCanonical)) { try ReceivedBatch.decode(bytes) }
  }

  @Test func `later fields of a request and a reply are ignored`() throws {
    let request = try WireSamples.request()
    #expect(
      try SyncRequest(decoding: request + Self.laterField) == SyncRequest(decoding: request)
    )
    let reply = try WireSamples.reply()
    #expect(try SyncReply(decoding: reply + Self.laterField) == SyncReply(decoding: reply))
  }

  @Test func `a greater wire version is refused by its number, whatever follows`() throws {
    let later = Data([0x08, 0x03]) + Data("nothing known".utf8)
    let refusal = SyncProtocolError.unknownWireVersion(3)
    #expect(throws: refusal) { try SyncRequest(decoding: later) }
    #expect(throws: refusal) { try SyncReply(decoding: later) }
    #expect(throws: refusal) { try ReceivedBatch.decode(later) }
  }

  @Test func `a changeset of a later version is never sealed as one's own`() throws {
    let bytes = try WireSamples.pending() + Self.laterField
    #expect(throws: SyncProtocolError.form(.notCanonical)) { try ChangesetCodec.decode(bytes) }
  }
}
