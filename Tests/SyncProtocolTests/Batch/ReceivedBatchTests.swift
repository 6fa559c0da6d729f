// SPDX-License-Identifier: Apache-2.0
import Crypto
import Foundation
import Replication
import Testing

@testable import SyncProtocol

/// Malformed batches, each named for its defect; `remake` signs nothing, as form comes first.
struct ReceivedBatchTests {
  private typealias Fixtures = BatchFixtures

  private func sealed() throws -> Data {
    try Fixtures.seal(
      [
        Fixtures.changeset(
          2,
          foreign: Fixtures.foreign,
          writes: [
            Fixtures.write(.integer(3), field: "a"), Fixtures.write(.decimal(1.5), field: "b"),
            Fixtures.write(.code("PR"), patient: 2),
          ]
        ),
        Fixtures.changeset(3, foreign: Fixtures.foreign),
      ],
      foreign: Fixtures.foreign
    )[0].bytes
  }

  private func remake(
    body change: (inout WireBatchBody) -> Void = { _ in },
    columns changeColumns: ((inout WireBatchColumns) -> Void)? = nil
  ) throws -> Data {
    var message = try StrictMessage.decode(WireSealedBatch.self, from: sealed(), limit: .max)
    var body = try StrictMessage.decode(WireBatchBody.self, from: message.body, limit: .max)
    if let changeColumns {
      let raw = try Zstd.decompress(body.columns, limit: BatchLimits.columnsBytes)
      var columns = try StrictMessage.decode(WireBatchColumns.self, from: raw, limit: .max)
      changeColumns(&columns)
      let encoded = StrictMessage.encode(columns)
      body.columns = try ZstdCompressor().compress(encoded, cuts: columns.cuts(encoded))
    }
    change(&body)
    message.body = StrictMessage.encode(body)
    return StrictMessage.encode(message)
  }

  private func expectFault(_ fault: FormFault, _ bytes: Data) {
    #expect(throws: SyncProtocolError.form(fault)) { try ReceivedBatch.decode(bytes) }
  }

  @Test func `an unchanged batch is accepted`() throws {
    #expect(try remake(columns: { _ in }) == sealed())
    _ = try ReceivedBatch.decode(sealed())
  }

  @Test func `trailing, missing and repeated bytes are refused`() throws {
    let bytes = try sealed()
    expectFault(.notCanonical, bytes + [0])
    expectFault(.notCanonical, bytes + bytes)
    expectFault(.notCanonical, bytes + [0xF8, 0x01, 0x01])
    for length in stride(from: 0, to: bytes.count, by: 7) {
      #expect(throws: SyncProtocolError.self) { try ReceivedBatch.decode(bytes.prefix(length)) }
    }
  }

  @Test func `a flipped bit is refused by form or by signature`() throws {
    let bytes = try sealed()
    let key = try Fixtures.identity().privateKey.publicKey
    for position in 0..<bytes.count * 8 {
      var changed = bytes
      changed[position / 8] ^= 1 << UInt8(position % 8)
      #expect(throws: SyncProtocolError.self, "bit \(position)") {
        try ReceivedBatch.decode(changed).verify(publicKey: key)
      }
    }
  }

  @Test func `another key does not verify`() throws {
    let received = try ReceivedBatch.decode(sealed())
    #expect(throws: SyncProtocolError.signatureInvalid(keyID: "device-1")) {
      try received.verify(publicKey: Curve25519.Signing.PrivateKey().publicKey)
    }
  }

  @Test func `an unknown wire version is refused`() throws {
    var message = try StrictMessage.decode(WireSealedBatch.self, from: sealed(), limit: .max)
    message.wireVersion = 3
    let bytes = StrictMessage.encode(message)
    #expect(throws: SyncProtocolError.unknownWireVersion(3)) { try ReceivedBatch.decode(bytes) }
  }

  @Test func `more bytes than the limit are refused unread`() {
    expectFault(.tooLarge, Data(count: BatchLimits.sealedBytes + 1))
  }

  @Test func `broken headers are refused`() throws {
    expectFault(.name, try remake(body: { $0.site = "" }))
    expectFault(.name, try remake(body: { $0.site = String(repeating: "x", count: 65) }))
    expectFault(.name, try remake(body: { $0.keyID = "schlüssel" }))
    expectFault(.length, try remake(body: { $0.replica = Data(count: 15) }))
    expectFault(.length, try remake(body: { $0.previous = Data(count: 31) }))
    expectFault(.sequence, try remake(body: { $0.firstSequence = 0 }))
    expectFault(.sequence, try remake(body: { $0.firstSequence = .max }))
    expectFault(.chain, try remake(body: { $0.firstSequence = 1 }))
    expectFault(.chain, try remake(body: { $0.previous = Data(count: 32) }))
    expectFault(.chain, try remake(body: { $0.publicKey = Data(count: 32) }))
    expectFault(.context, try remake(body: { $0.clearForeignContext() }))
  }

  @Test func `broken contexts are refused`() throws {
    let own = ContextEntry(
      replica: Fixtures.author,
      last: 1,
      chainPrefix: [UInt8](repeating: 1, count: 8)
    )
    expectFault(.context, try remake(body: { $0.foreignContext = WireSeen([own]) }))
    expectFault(.context, try remake(body: { $0.foreignContext.lasts = [0] }))
    expectFault(.context, try remake(body: { $0.foreignContext.lasts = [] }))
    expectFault(.context, try remake(body: { $0.foreignContext.chainPrefixes = Data(count: 8) }))
    expectFault(
      .context,
      try remake(body: {
        $0.foreignContext.replicas += $0.foreignContext.replicas
        $0.foreignContext.lasts += $0.foreignContext.lasts
        $0.foreignContext.chainPrefixes += $0.foreignContext.chainPrefixes
      })
    )
  }

  @Test func `broken or oversized compression is refused`() throws {
    expectFault(.compression, try remake(body: { $0.columns = Data() }))
    expectFault(.compression, try remake(body: { $0.columns.append(0) }))
    expectFault(.compression, try remake(body: { $0.columns.removeLast() }))
    let zeros = try ZstdCompressor().compress(Data(count: BatchLimits.columnsBytes + 1))
    expectFault(.compression, try remake(body: { $0.columns = zeros }))
  }

  @Test func `broken names and places are refused`() throws {
    expectFault(.namesNotRising, try remake(columns: { $0.names.reverse() }))
    expectFault(.namesNotRising, try remake(columns: { $0.names[1] = $0.names[0] }))
    expectFault(.name, try remake(columns: { $0.names[0] = "" }))
    expectFault(.index, try remake(columns: { $0.placeFields[0] = 99 }))
    expectFault(.index, try remake(columns: { $0.placeFields[0] = 0 }))
    expectFault(.order, try remake(columns: { $0.placeFields[1] = $0.placeFields[0] }))
    expectFault(.counts, try remake(columns: { $0.placeReaders.removeLast() }))
    expectFault(.index, try remake(columns: { $0.bases[Stream.reasons] = 0 }))
    expectFault(.index, try remake(columns: { $0.bases[Stream.codes] = 99 }))
  }

  /// The streams of the batch that is broken here: places are a, adc_mean and b.
  private enum Stream {
    static let reasons = 0
    static let lamportSteps = 1
    static let runCounts = 2
    static let runPatients = 3
    static let kinds = 5
    static let codes = 9
    static let decimalKinds = 10
    static let decimals = 11
  }

  /// Its planes: streams of equal numbers have none.
  private enum Plane {
    static let runPatients = 2
    static let runShapes = 3
    static let kinds = 4
  }

  @Test func `broken patients are refused`() throws {
    expectFault(.length, try remake(columns: { $0.patients.removeLast() }))
    expectFault(.order, try remake(columns: { $0.patients += Data(count: 16) }))
    expectFault(.index, try remake(columns: { $0.patients = Data(repeating: 255, count: 32) }))
    expectFault(.index, try remake(columns: { $0.bases[Stream.runPatients] = -1 }))
    expectFault(.index, try remake(columns: { $0.planes[Plane.runPatients] = Data([0, 9, 1]) }))
    expectFault(.number, try remake(columns: { $0.planes[Plane.runPatients] = Data([0, 0, 0]) }))
    expectFault(.order, try remake(columns: { $0.planes[Plane.runPatients] = Data([0, 1, 0]) }))
  }

  @Test func `broken references to patients are refused`() throws {
    func reference(_ introducers: [UInt32], _ introduced: [UInt64]) throws -> Data {
      try remake(columns: {
        $0.introducers = introducers
        $0.introduced = introduced
      })
    }
    _ = try ReceivedBatch.decode(reference([1], [1]))
    expectFault(.index, try reference([2], [1]))
    expectFault(.index, try reference([0], [0]))
    expectFault(.index, try reference([0], [.max]))
    expectFault(.counts, try reference([0, 1], [1]))
    expectFault(.order, try reference([1, 0], [1, 1]))
    expectFault(.order, try reference([0], [2]))
  }

  @Test func `broken runs are refused`() throws {
    expectFault(.counts, try remake(columns: { $0.bases[Stream.runCounts] = 0 }))
    expectFault(.counts, try remake(columns: { $0.bases[Stream.runCounts] = 1 << 40 }))
    expectFault(.counts, try remake(columns: { $0.shapeSizes[0] = 0 }))
    expectFault(.counts, try remake(columns: { $0.shapeSizes[0] = .max }))
    expectFault(.order, try remake(columns: { $0.shapePlaces[1] = $0.shapePlaces[0] }))
    expectFault(.index, try remake(columns: { $0.shapePlaces[1] = .max }))
    expectFault(.index, try remake(columns: { $0.planes[Plane.runShapes] = Data([0, 1, 2]) }))
  }

  @Test func `broken streams are refused`() throws {
    expectFault(.counts, try remake(columns: { $0.widths[0] = 9 }))
    expectFault(.counts, try remake(columns: { $0.widths.removeLast() }))
    expectFault(.counts, try remake(columns: { $0.bases.append(1) }))
    expectFault(.counts, try remake(columns: { $0.planes.removeLast() }))
    expectFault(.counts, try remake(columns: { $0.planes[0].append(0) }))
    expectFault(.counts, try remake(columns: { $0.planes.append(Data([1])) }))
    expectFault(.number, try remake(columns: { $0.planes[Plane.kinds] = Data([0, 0]) }))
    expectFault(.number, try remake(columns: { $0.planes[Plane.kinds] = Data([1, 2]) }))
    expectFault(.number, try remake(columns: { $0.bases[Stream.lamportSteps] = .max }))
    expectFault(
      .counts,
      try remake(columns: {
        $0.bases.append(1)
        $0.widths.append(0)
      })
    )
  }

  @Test func `broken values are refused`() throws {
    expectFault(.kind, try remake(columns: { $0.bases[Stream.kinds] = 128 }))
    expectFault(.kind, try remake(columns: { $0.bases[Stream.kinds] = -1 }))
    expectFault(.number, try remake(columns: { $0.decimalExponents[0] = 16 }))
    expectFault(.counts, try remake(columns: { $0.decimalExponents.append(0) }))
    expectFault(.counts, try remake(columns: { $0.decimalExponents = Data() }))
    expectFault(.number, try remake(columns: { $0.bases[Stream.decimals] = .max }))
    expectFault(
      .number,
      try remake(columns: {
        $0.decimalExponents = Data()
        $0.bases[Stream.decimalKinds] = 11
        $0.bases[Stream.decimals] = Int64(bitPattern: Double.nan.bitPattern)
      })
    )
  }

  @Test func `Lamport counters that do not rise are refused`() throws {
    expectFault(.lamport, try remake(columns: { $0.bases[Stream.lamportSteps] = 0 }))
    expectFault(.lamport, try remake(columns: { $0.bases[Stream.lamportSteps] = .max - 11 }))
  }

  @Test func `no changesets are refused`() throws {
    expectFault(
      .counts,
      try remake(columns: {
        $0 = WireBatchColumns(); $0.names = ["a"]
      })
    )
  }
}
