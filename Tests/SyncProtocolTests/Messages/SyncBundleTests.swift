// SPDX-License-Identifier: Apache-2.0
import Crypto
import Foundation
import Replication
import SyncProtocol
import Testing

@Suite struct SyncBundleTests {
  private static let key = Curve25519.Signing.PrivateKey()
  private static let batches = [Data("first".utf8), Data("second batch".utf8), Data("third".utf8)]

  private static let state = SyncRequest(
    vector: VersionVector([ReplicaID(high: 1, low: 2): 3]),
    chainHeads: [
      ContextEntry(
        replica: ReplicaID(high: 1, low: 2),
        last: 3,
        chainPrefix: [1, 2, 3, 4, 5, 6, 7, 8]
      )
    ],
    stateRoot: Data(repeating: 5, count: 32)
  )

  private func written(_ batches: [Data] = Self.batches) throws -> Data {
    try SyncBundle.write(
      batches,
      direction: .toCenter,
      site: "HILL",
      state: Self.state,
      identity: SigningIdentity(keyID: "HILL/1", privateKey: Self.key)
    )
  }

  @Test func `a bundle reads as what was written`() throws {
    let bundle = try SyncBundle.read(written())
    #expect(bundle.direction == .toCenter)
    #expect(bundle.site == "HILL")
    #expect(bundle.keyID == "HILL/1")
    #expect(bundle.contents == Self.batches.map(SyncBundle.Content.whole))
    #expect(bundle.missingCount == 0)
    try bundle.verify(publicKey: Self.key.publicKey)
  }

  @Test func `a bundle without batches says what its writer has`() throws {
    let bundle = try SyncBundle.read(written([]))
    #expect(bundle.contents.isEmpty)
    #expect(bundle.state == Self.state)
  }

  @Test func `another key does not verify`() throws {
    let bundle = try SyncBundle.read(written())
    #expect(throws: SyncProtocolError.signatureInvalid(keyID: "HILL/1")) {
      try bundle.verify(publicKey: Curve25519.Signing.PrivateKey().publicKey)
    }
  }

  @Test func `a file that was cut off keeps what came before`() throws {
    let bytes = try written()
    let bundle = try SyncBundle.read(bytes.dropLast(8))
    #expect(bundle.contents == [.whole(Self.batches[0]), .missing, .missing])
    #expect(bundle.missingCount == 2)
  }

  @Test func `a damaged batch spoils no other`() throws {
    var bytes = try written()
    bytes[bytes.count - 8] ^= 1
    let bundle = try SyncBundle.read(bytes)
    #expect(bundle.contents == [.whole(Self.batches[0]), .damaged, .whole(Self.batches[2])])
  }

  @Test func `no changed byte passes unseen`() throws {
    let bytes = try written()
    for index in bytes.indices {
      var changed = bytes
      changed[index] ^= 0x40
      guard let bundle = try? SyncBundle.read(changed) else { continue }
      let isWhole = bundle.contents == Self.batches.map(SyncBundle.Content.whole)
      let isSigned = (try? bundle.verify(publicKey: Self.key.publicKey)) != nil
      #expect(!isWhole || !isSigned, "byte \(index)")
    }
  }

  @Test func `what ends before its batches is no bundle`() throws {
    let bytes = try written([])
    for count in 0..<bytes.count {
      #expect(throws: SyncProtocolError.self) { try SyncBundle.read(bytes.prefix(count)) }
    }
  }

  @Test func `bytes after the last batch are refused`() throws {
    let bytes = try written() + Data([0])
    #expect(throws: SyncProtocolError.form(.notCanonical)) { try SyncBundle.read(bytes) }
  }
}
