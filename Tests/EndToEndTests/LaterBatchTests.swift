// SPDX-License-Identifier: Apache-2.0
import Crypto
import Foundation
import Testing

@testable import SiteReplica
@testable import SyncProtocol

/// Batches that only a later program can read, between real programs over TLS.
@Suite struct LaterBatchTests {
  /// Field 99, a varint, as a later schema may add it.
  private static let laterField = Data([0x98, 0x06, 0x2A])

  /// A batch as a later program of the same device would have sealed it.
  private func later(_ batch: Data, _ identity: SigningIdentity) throws -> Data {
    var message = try StrictMessage.decode(WireSealedBatch.self, from: batch, limit: .max)
    message.body += Self.laterField
    message.signature = try identity.privateKey.signature(
      for: BatchSealer.signatureLabel + message.body
    )
    return StrictMessage.encode(message)
  }

  /// The bundle of a device, its only new batch as a later program would have sealed it.
  private func bundle(of device: Device) throws -> (file: String, batch: Data) {
    let file = device.folder.path("up.bundle")
    let written = try device.run(["bundle", "write", file])
    try #require(written.integer("batches") == 1, "\(written.errors)")
    let bundle = try SyncBundle.read(try Data(contentsOf: URL(filePath: file)))
    let identity = SigningIdentity(
      keyID: bundle.keyID,
      privateKey: try DeviceKey.read(folder: device.store)
    )
    guard case .whole(let batch) = try #require(bundle.contents.first) else {
      throw CentreFailure(reason: "the batch is not whole")
    }
    let made = try later(batch, identity)
    let bytes = try SyncBundle.write(
      [made],
      direction: .toCenter,
      site: bundle.site,
      state: bundle.state,
      identity: identity
    )
    try bytes.write(to: URL(filePath: file))
    return (file, made)
  }

  private func holds(_ device: Device, _ batch: Data) throws -> Bool {
    let file = device.folder.path("all.bundle")
    #expect(try device.run(["bundle", "write", "--all", file]).status == 0)
    return try SyncBundle.read(try Data(contentsOf: URL(filePath: file)))
      .contents.contains(.whole(batch))
  }

  @Test func `what a later program wrote is kept, relayed byte for byte and said`() throws {
    let centre = try CentreProcess()
    let newer = try centre.device(of: "HILL")
    let older = try centre.device(of: "HILL")
    #expect(try newer.run(["import", Fixtures.path("hill")]).status == 0)
    for device in [newer, older] { try device.sync() }
    let backup = centre.folder.path("backup")
    #expect(try centre.run(["backup", backup]).status == 0)
    let saved = try newer.run(["set", "-"], input: "HIL000001 baseline lymphocytes=1.61")
    #expect(saved.status == 0, "\(saved.errors)")
    let (file, batch) = try bundle(of: newer)
    #expect(try centre.run(["bundle", "read", file]).status == 0)

    let pulled = try older.run(["sync"])
    #expect(pulled.status == 0, "\(pulled.errors)")
    #expect(try pulled.integer("waiting_here") == 1)
    #expect(try pulled.integer("waiting_at_center") == 1)
    #expect(try holds(older, batch))
    let again = try older.run(["sync"])
    #expect(try again.integer("pulled_changesets") == 0, "what is kept is not sent again")

    // The centre forgets it, and gets it back from a device that cannot read it.
    try centre.loseStore()
    #expect(try centre.run(["restore", backup, "--no-revocations"]).status == 0)
    try centre.start()
    #expect(try older.run(["sync"]).status == 0)
    let third = try centre.device(of: "HILL")
    let relayed = try third.run(["sync"])
    #expect(relayed.status == 0, "\(relayed.errors)")
    #expect(try relayed.integer("waiting_here") == 1)
    #expect(try holds(third, batch))
  }
}
