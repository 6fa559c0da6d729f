// SPDX-License-Identifier: Apache-2.0

import Center
import Crypto
import Foundation
import Replication
import SyncProtocol
import Testing

@Suite struct BundleTests {
  private let centre: TestCenter
  private var device: TestDevice

  init() throws {
    centre = try TestCenter()
    device = try centre.device(of: "HILL")
  }

  private func bundle(_ batches: [Data], site: String = "HILL") throws -> Data {
    try SyncBundle.write(
      batches,
      direction: .toCenter,
      site: site,
      state: device.request([]),
      identity: SigningIdentity(keyID: device.keyID, privateKey: device.key)
    )
  }

  private func read(_ bytes: Data) throws -> BundleIntake {
    try centre.center.readBundle(bytes, now: TestCenter.now)
  }

  private func answer() throws -> SyncBundle {
    let made = try centre.center.makeBundle(
      for: "HILL",
      identity: SigningIdentity(keyID: "center/1", privateKey: centre.serviceKey),
      now: TestCenter.now
    )
    return try SyncBundle.read(made.bytes)
  }

  @Test mutating func `a bundle is taken like a request`() throws {
    let intake = try read(bundle([device.seal(), device.seal(values: ["sex": .code("female")])]))
    #expect(intake.acceptedChangesets == 2)
    #expect(intake.refused.isEmpty)
    let reply = try centre.push([], by: device)
    #expect(reply.vector[device.replica] == 2)
  }

  @Test mutating func `reading it again changes nothing`() throws {
    let bytes = try bundle([device.seal()])
    _ = try read(bytes)
    let before = try centre.push([], by: device)
    let again = try read(bytes)
    #expect(again.refused.isEmpty)
    #expect(try centre.push([], by: device).stateRoot == before.stateRoot)
  }

  @Test mutating func `a cut off file keeps what came before and counts the rest`() throws {
    let bytes = try bundle([device.seal(), device.seal(values: ["sex": .code("female")])])
    let part = try read(bytes.dropLast(1))
    #expect(part.acceptedChangesets == 1)
    #expect(part.missingBatches == 1)
    let whole = try read(bytes)
    #expect(whole.missingBatches == 0)
    #expect(try centre.push([], by: device).vector[device.replica] == 2)
  }

  @Test mutating func `a damaged batch is refused and the others are taken`() throws {
    var bytes = try bundle([device.seal(), device.seal(values: ["sex": .code("female")])])
    bytes[bytes.count - 1] ^= 1
    let intake = try read(bytes)
    #expect(intake.acceptedChangesets == 1)
    #expect(intake.refused.map(\.reason) == ["form"])
  }

  @Test mutating func `a batch of another site is refused by name`() throws {
    let intake = try read(bundle([device.seal(site: "RIVER")]))
    #expect(intake.acceptedChangesets == 0)
    #expect(
      intake.refused == [
        BatchRefusal(replica: device.replica, firstSequence: 1, changesets: 1, reason: "scope")
      ]
    )
  }

  @Test mutating func `a bundle in another site's name is refused`() throws {
    let bytes = try bundle([device.seal()], site: "RIVER")
    #expect(throws: CenterError.unknownSite("RIVER")) { try read(bytes) }
    _ = try centre.code(for: "RIVER")
    #expect(throws: CenterError.revokedSite("RIVER")) { try read(bytes) }
  }

  @Test mutating func `a bundle that its device did not sign is refused`() throws {
    let bytes = try SyncBundle.write(
      [device.seal()],
      direction: .toCenter,
      site: "HILL",
      state: device.request([]),
      identity: SigningIdentity(
        keyID: device.keyID,
        privateKey: Curve25519.Signing.PrivateKey()
      )
    )
    #expect(throws: CenterError.bundle(.signature(keyID: device.keyID))) { try read(bytes) }
  }

  @Test mutating func `the answer states the centre's vector and bears its signature`() throws {
    _ = try read(bundle([device.seal()]))
    let bundle = try answer()
    #expect(bundle.state.vector[device.replica] == 1)
    try bundle.verify(publicKey: centre.serviceKey.publicKey)
  }

  @Test mutating func `the answer holds what any device of the site lacked`() throws {
    var other = try centre.device(of: "HILL")
    _ = try centre.push([other.seal(values: ["sex": .code("female")])], by: other)
    _ = try read(bundle([device.seal()]))
    #expect(try answer().contents.count == 2)
  }

  @Test func `the centre's own answer is not read back`() throws {
    let made = try centre.center.makeBundle(
      for: "HILL",
      identity: SigningIdentity(keyID: "center/1", privateKey: centre.serviceKey),
      now: TestCenter.now
    )
    #expect(throws: CenterError.bundle(.forSite("HILL"))) { try read(made.bytes) }
  }
}
