// SPDX-License-Identifier: Apache-2.0
import Crypto
import Foundation
import Replication
import Testing

@testable import SyncProtocol

@Suite struct BatchRedactorTests {
  private typealias Fixtures = BatchFixtures
  private static let one = PatientID(high: 1, low: 9)
  private static let two = PatientID(high: 2, low: 9)

  /// Three changesets: of both patients, of the first alone, of the second alone.
  private func sealed() throws -> Data {
    try Fixtures.seal([
      Fixtures.changeset(
        1,
        writes: [Fixtures.write(.integer(4), patient: 1), Fixtures.write(.code("PR"), patient: 2)]
      ),
      Fixtures.changeset(2, writes: [Fixtures.write(.decimal(1.085), patient: 1)]),
      Fixtures.changeset(3, writes: [Fixtures.write(.day(7), patient: 2)]),
    ])[0].bytes
  }

  private func redacted(_ bytes: Data, _ patients: PatientID...) throws -> Data {
    let names = Dictionary(uniqueKeysWithValues: patients.map { ($0, $0) })
    return try #require(try BatchRedactor.redact(bytes, removing: names))
  }

  @Test func `what is left keeps hash, places, contexts and introduced patients`() throws {
    let bytes = try sealed()
    let whole = try ReceivedBatch.decode(bytes).batch
    let rest = try ReceivedBatch.decode(redacted(bytes, Self.one)).batch
    #expect(rest == whole.removing([Self.one]))
    #expect(rest.hash.bytes == Array(SHA256.hash(data: bytes)))
    #expect(rest.changesets.map(\.dot.sequence) == [1, 3])
    #expect(rest.changesets.last?.context[Fixtures.author] == 2)
    #expect(rest.introduced == whole.introduced)
    #expect(rest.lastSequence == 3)
    #expect(rest.redaction?.removed == [Self.one: 2])
  }

  @Test func `the removed value is nowhere in the bytes`() throws {
    let bytes = try redacted(try sealed(), Self.one)
    let received = try ReceivedBatch.decode(bytes)
    let columns = try Zstd.decompress(received.wireBody.columns, limit: 1 << 18)
    #expect(!columns.contains(0x04) || !String(decoding: columns, as: UTF8.self).contains("1085"))
    #expect(
      received.batch.changesets.flatMap(\.writes).allSatisfy {
        $0.address.row.patient == Self.two
      }
    )
  }

  @Test func `a patient named by number is taken out by stand-in and named by id`() throws {
    let bytes = try WireSamples.later()
    let seven = PatientID(high: 7, low: 9)
    let rest = try #require(
      try BatchRedactor.redact(bytes, removing: [.standIn(0): seven])
    )
    let batch = try ReceivedBatch.decode(rest).batch
    #expect(batch.redaction?.removed == [seven: 2])
    #expect(batch.references.isEmpty)
    #expect(batch.changesets.flatMap(\.writes).count == 1)
  }

  @Test func `whoever stays keeps the number`() throws {
    let bytes = try WireSamples.later()
    let eight = PatientID(high: 8, low: 9)
    let batch = try ReceivedBatch.decode(redacted(bytes, eight)).batch
    #expect(batch.references == [PatientReference(introducer: Fixtures.other, number: 2)])
    #expect(batch.introduced.contains(eight))
  }

  @Test func `nothing left has no columns`() throws {
    let bytes = try redacted(try sealed(), Self.one, Self.two)
    let received = try ReceivedBatch.decode(bytes)
    #expect(received.wireBody.columns.isEmpty)
    #expect(received.batch.changesets.isEmpty)
    #expect(received.batch.changesetCount == 3)
  }

  @Test func `one after the other is both at once, in either order`() throws {
    let bytes = try sealed()
    let both = try redacted(bytes, Self.one, Self.two)
    #expect(try redacted(redacted(bytes, Self.one), Self.two) == both)
    #expect(try redacted(redacted(bytes, Self.two), Self.one) == both)
  }

  @Test func `a batch without the patient stays as it is`() throws {
    #expect(
      try BatchRedactor.redact(sealed(), removing: [PatientID(high: 5, low: 5): Self.one]) == nil
    )
  }

  @Test func `a mark of erasure stays`() throws {
    let mark = FieldWrite(address: .erasure(of: Self.one), value: .erased)
    let bytes = try Fixtures.seal([
      Fixtures.changeset(1, reason: "erasure_request", writes: [mark, Fixtures.write(.integer(1))])
    ])[0].bytes
    let batch = try ReceivedBatch.decode(redacted(bytes, Self.one)).batch
    #expect(batch.changesets.flatMap(\.writes) == [mark])
  }

  @Test func `a mark at another address is refused`() throws {
    let bytes = try Fixtures.seal([
      Fixtures.changeset(1, writes: [Fixtures.write(.erased)])
    ])[0].bytes
    #expect(throws: SyncProtocolError.form(.kind)) { try ReceivedBatch.decode(bytes) }
  }

  @Test func `only the voucher's key verifies, and a log keeps no signature`() throws {
    let rest = try redacted(try sealed(), Self.one)
    let voucher = SigningIdentity(keyID: "center/1", privateKey: Curve25519.Signing.PrivateKey())
    let vouched = try ReceivedBatch.decode(BatchRedactor.vouch(for: rest, identity: voucher))
    #expect(vouched.voucher == "center/1")
    try vouched.verify(publicKey: voucher.privateKey.publicKey)
    #expect(vouched.atRest == rest)
    let author = try Fixtures.identity().privateKey.publicKey
    #expect(throws: SyncProtocolError.signatureInvalid(keyID: "center/1")) {
      try vouched.verify(publicKey: author)
    }
    #expect(throws: SyncProtocolError.signatureInvalid(keyID: "")) {
      try ReceivedBatch.decode(rest).verify(publicKey: voucher.privateKey.publicKey)
    }
  }

  @Test func `a sealed batch is handed on as it is`() throws {
    let bytes = try sealed()
    #expect(try BatchRedactor.vouch(for: bytes, identity: Fixtures.identity()) == bytes)
  }

  /// Each defect by what it does to a good redaction.
  private static let defects:
    [(name: String, fault: FormFault, change: @Sendable (inout WireRedaction) -> Void)] = [
      ("no hash", .chain, { $0.hash = Data(repeating: 0, count: 32) }),
      ("a place twice", .sequence, { $0.offsets = [0, 0] }),
      ("a place beyond the end", .sequence, { $0.offsets = [0, 3] }),
      ("too few places", .counts, { $0.offsets = [0] }),
      ("nobody taken out", .counts, { ($0.patients, $0.writes) = (Data(), []) }),
      ("no write taken out", .counts, { $0.writes = [0] }),
      ("somebody there who was taken out", .index, { $0.patients = Data(two.bytes) }),
      ("a new patient not listed", .index, { $0.introduced = Data(one.bytes) }),
      ("half an id", .length, { $0.introduced.removeLast() }),
      ("a counter below what is left", .lamport, { $0.lamport = 2 }),
    ]

  @Test(arguments: defects.map(\.name)) func `a defect is refused by name`(name: String) throws {
    let defect = try #require(Self.defects.first { $0.name == name })
    var message = try StrictMessage.decode(
      WireSealedBatch.self,
      from: redacted(try sealed(), Self.one),
      limit: .max
    )
    var body = try StrictMessage.decode(WireBatchBody.self, from: message.body, limit: .max)
    defect.change(&body.redaction)
    message.body = StrictMessage.encode(body)
    let bytes = StrictMessage.encode(message)
    #expect(throws: SyncProtocolError.form(defect.fault)) { try ReceivedBatch.decode(bytes) }
  }

  @Test func `a sealed batch with a redaction, and a redacted one without, are refused`() throws {
    var message = try StrictMessage.decode(
      WireSealedBatch.self,
      from: redacted(try sealed(), Self.one),
      limit: .max
    )
    message.wireVersion = 1
    message.signature = Data(repeating: 1, count: 64)
    let asSealed = StrictMessage.encode(message)
    #expect(throws: SyncProtocolError.form(.notCanonical)) { try ReceivedBatch.decode(asSealed) }
    var whole = try StrictMessage.decode(WireSealedBatch.self, from: sealed(), limit: .max)
    whole.wireVersion = 2
    whole.signature = Data()
    let asRedacted = StrictMessage.encode(whole)
    #expect(throws: SyncProtocolError.form(.notCanonical)) { try ReceivedBatch.decode(asRedacted) }
  }

  @Test func `random batches lose exactly the patient's writes`() throws {
    for seed in UInt64(1)...40 {
      let changesets = Fixtures.random(seed: seed, changesets: 6, firstSequence: 1)
      let bytes = try Fixtures.seal(changesets, foreign: Fixtures.foreign)[0].bytes
      let whole = try ReceivedBatch.decode(bytes).batch
      guard let rest = try BatchRedactor.redact(bytes, removing: [Self.one: Self.one]) else {
        #expect(whole.removing([Self.one]) == nil, "seed \(seed)")
        continue
      }
      #expect(try ReceivedBatch.decode(rest).batch == whole.removing([Self.one]), "seed \(seed)")
    }
  }
}
