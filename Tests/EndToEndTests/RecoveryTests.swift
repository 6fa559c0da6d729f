// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

/// Restored and copied devices and centres, through the real programs over TLS.
@Suite struct RecoveryTests {
  /// The files of a store that a copy of the machine would hold.
  private func clone(_ device: Device) throws -> Device {
    let copy = try Device(copying: device)
    return copy
  }

  private func digestOfCut(_ centre: CentreProcess) throws -> String {
    let cut = try centre.run(["cut"])
    #expect(cut.status == 0, "\(cut.errors)")
    return try cut.text("sha256")
  }

  private func show(_ device: Device, _ mrn: String) throws -> String {
    try device.run(["show", "-"], input: mrn).output
  }

  @Test func `a centre restored from an old backup is whole after one sync of each site`() throws {
    let centre = try CentreProcess()
    let hill = try centre.device(of: "HILL")
    let north = try centre.device(of: "NORTH")
    #expect(try hill.run(["import", Fixtures.path("hill")]).status == 0)
    try hill.sync()
    let backup = centre.folder.path("backup")
    let made = try centre.run(["backup", backup])
    #expect(made.status == 0, "\(made.errors)")

    #expect(try north.run(["import", Fixtures.path("north")]).status == 0)
    try north.sync()
    let saved = try hill.run(["set", "-"], input: "HIL000001 baseline lymphocytes=1.61")
    #expect(saved.status == 0, "\(saved.errors)")
    try hill.sync()
    let before = try digestOfCut(centre)

    try centre.loseStore()
    let restored = try centre.run(["restore", backup, "--no-revocations"])
    #expect(restored.status == 0, "\(restored.errors)")
    #expect(try restored.integer("sites") == 2)
    #expect(try digestOfCut(centre) != before)
    try centre.start()
    for device in [hill, north] {
      #expect(try device.sync().integer("conflicts") == 0)
      #expect(try device.run(["status"]).integer("unsent") == 0)
    }
    #expect(try digestOfCut(centre) == before)
    #expect(try centre.run(["audit", "verify"]).status == 0)
    #expect(try centre.run(["doctor"]).status == 0)
  }

  @Test func `a backup overwrites nothing and a damaged one is not restored`() throws {
    let centre = try CentreProcess()
    let backup = centre.folder.path("backup")
    #expect(try centre.run(["backup", backup]).status == 0)
    #expect(try centre.run(["backup", backup]).status == 3)
    let onto = try centre.run(["restore", backup])
    #expect(onto.status == 3, "a store that is there stays")
    let files = FileManager.default
    for name in ["center.sqlite", "backup.json", "keys/service.key"] {
      let mode = try files.attributesOfItem(atPath: "\(backup)/\(name)")[.posixPermissions] as? Int
      #expect(mode == 0o600, "\(name)")
    }
    try centre.loseStore()
    let store = URL(filePath: "\(backup)/center.sqlite")
    var bytes = try Data(contentsOf: store)
    bytes[bytes.count / 2] ^= 1
    try bytes.write(to: store)
    let refused = try centre.run(["restore", backup])
    #expect(refused.status == 3)
    #expect(refused.errors.contains("not the one that was written"))
    #expect(!files.fileExists(atPath: "\(centre.data)/center.sqlite"))
  }

  @Test func `a centre is restored elsewhere only with its keys`() throws {
    let centre = try CentreProcess()
    let (backup, keys) = (centre.folder.path("backup"), centre.folder.path("apart"))
    #expect(try centre.run(["backup", backup, "--keys", keys]).status == 0)
    #expect(!FileManager.default.fileExists(atPath: "\(backup)/keys"))
    let elsewhere = centre.folder.path("elsewhere")
    let bare = try Program.center.run(["restore", backup, "--data", elsewhere, "--json"])
    #expect(bare.status == 3)
    #expect(bare.errors.contains("service.key"))
    let whole = try Program.center.run(
      ["restore", backup, "--keys", keys, "--no-revocations", "--data", elsewhere, "--json"]
    )
    #expect(whole.status == 0, "\(whole.errors)")
    #expect(try Program.center.run(["doctor", "--data", elsewhere]).status == 0)
  }

  @Test func `a device enrolled after the backup enrols again and loses nothing`() throws {
    let centre = try CentreProcess()
    let backup = centre.folder.path("backup")
    #expect(try centre.run(["backup", backup]).status == 0)
    let device = try centre.device(of: "HILL")
    #expect(try device.run(["import", Fixtures.path("hill")]).status == 0)
    try device.sync()
    try centre.loseStore()
    #expect(try centre.run(["restore", backup, "--no-revocations"]).status == 0)
    try centre.start()
    #expect(try device.run(["sync"]).status == 4)
    let again = try device.enroll(at: centre, code: centre.code(for: "HILL"))
    #expect(again.status == 0, "\(again.errors)")
    try device.sync()
    #expect(try centre.run(["cut"]).integer("patients") == 38)
  }

  @Test func `a site revoked after the backup is revoked in the restore`() throws {
    let centre = try CentreProcess()
    let device = try centre.device(of: "HILL")
    let backup = centre.folder.path("backup")
    #expect(try centre.run(["backup", backup]).status == 0)
    try centre.loseStore()
    #expect(try centre.run(["restore", backup, "--revoke", "HILL"]).status == 0)
    try centre.start()
    let refused = try device.run(["sync"])
    #expect(refused.status == 4)
    #expect(refused.errors.contains("revoked"))
  }

  @Test func `a restored centre serves nobody until revocations are confirmed`() throws {
    let centre = try CentreProcess()
    let device = try centre.device(of: "HILL")
    let backup = centre.folder.path("backup")
    #expect(try centre.run(["backup", backup]).status == 0)
    let bundle = device.folder.path("up.bundle")
    #expect(try device.run(["bundle", "write", bundle]).status == 0)
    try centre.loseStore()
    let restored = try centre.run(["restore", backup])
    #expect(restored.status == 0, "\(restored.errors)")
    #expect(try !restored.flag("revocations_confirmed"))
    for command in [["serve", "--listen", "127.0.0.1:0"], ["bundle", "read", bundle]] {
      let refused = try centre.run(command)
      #expect(refused.status == 3)
      #expect(refused.errors.contains("site confirm-revocations"))
    }
    #expect(try centre.run(["doctor"]).status != 0)
    let confirmed = try centre.run(["site", "confirm-revocations"])
    #expect(confirmed.status == 0, "\(confirmed.errors)")
    #expect(try confirmed.json()["devices"] as? [String] == ["HILL/1"])
    #expect(try centre.run(["doctor"]).status == 0)
    try centre.start()
    try device.sync()
  }

  @Test func `revocations and their absence are not said together`() throws {
    let centre = try CentreProcess()
    let backup = centre.folder.path("backup")
    let both = try centre.run(["restore", backup, "--no-revocations", "--revoke", "HILL"])
    #expect(both.status == 2)
  }

  @Test func `a restored device says so in a sentence and loses nothing`() throws {
    let centre = try CentreProcess()
    let device = try centre.device(of: "HILL")
    #expect(try device.run(["import", Fixtures.path("hill")]).status == 0)
    let backup = device.folder.path("backup")
    #expect(try device.run(["backup", backup]).status == 0)
    try device.sync()
    let saved = try device.run(["set", "-"], input: "HIL000001 baseline lymphocytes=1.61")
    #expect(saved.status == 0, "\(saved.errors)")
    try device.sync()
    let before = try device.run(["status"]).text("replica")

    try device.loseStore()
    let restored = try Program.lobule.run(["restore", backup, "--store", device.store])
    #expect(restored.status == 0, "\(restored.errors)")
    #expect(restored.output.contains("new replica id"))
    #expect(try device.run(["status"]).text("replica") != before)
    let own = try device.run(["set", "-"], input: "HIL000002 baseline lymphocytes=1.55")
    #expect(own.status == 0, "\(own.errors)")
    let synced = try device.sync()
    #expect(try synced.integer("conflicts") == 0)
    #expect(try synced.integer("refused") == 0)
    #expect(try show(device, "HIL000001").contains("1.61"))
    #expect(try show(device, "HIL000002").contains("1.55"))
    #expect(try device.run(["status"]).integer("unsent") == 0)
  }

  @Test func `a device whose files were copied is told, and both histories stay`() throws {
    let centre = try CentreProcess()
    let device = try centre.device(of: "HILL")
    #expect(try device.run(["import", Fixtures.path("hill")]).status == 0)
    try device.sync()
    let copy = try clone(device)
    for (machine, mrn, value) in [(device, "HIL000001", "1.61"), (copy, "HIL000002", "1.55")] {
      let saved = try machine.run(["set", "-"], input: "\(mrn) baseline lymphocytes=\(value)")
      #expect(saved.status == 0, "\(saved.errors)")
    }
    try device.sync()
    let told = try Program.lobule.run(["sync", "--store", copy.store])
    #expect(told.status == 0, "\(told.errors)")
    #expect(told.output.contains("restored or copied"))
    try device.sync()
    for machine in [device, copy] {
      #expect(try show(machine, "HIL000001").contains("1.61"))
      #expect(try show(machine, "HIL000002").contains("1.55"))
      #expect(try machine.run(["conflicts"]).json()["conflicts"] as? [[String: Any]] != nil)
      #expect(try machine.sync().integer("conflicts") == 0)
    }
  }

  @Test func `a copy that was never told of its last sync issues nothing twice`() throws {
    let centre = try CentreProcess()
    let device = try centre.device(of: "HILL")
    #expect(try device.run(["import", Fixtures.path("hill")]).status == 0)
    try device.sync()
    let first = try device.run(["set", "-"], input: "HIL000001 baseline lymphocytes=1.50")
    #expect(first.status == 0, "\(first.errors)")
    // Sealed and, as far as the copy knows, not acknowledged.
    #expect(try device.run(["bundle", "write", device.folder.path("x.bundle")]).status == 0)
    let copy = try clone(device)
    try device.sync()
    let second = try device.run(["set", "-"], input: "HIL000001 baseline lymphocytes=1.70")
    #expect(second.status == 0, "\(second.errors)")
    try device.sync()
    let own = try copy.run(["set", "-"], input: "HIL000002 baseline lymphocytes=1.55")
    #expect(own.status == 0, "\(own.errors)")
    let told = try copy.sync()
    #expect(try told.flag("forked"))
    #expect(try told.integer("conflicts") == 0, "1.50 was replaced and must not come back")
    #expect(try show(copy, "HIL000001").contains("1.7"))
    #expect(try device.sync().integer("conflicts") == 0)
    #expect(try show(device, "HIL000002").contains("1.55"))
  }

  @Test func `a device and the centre restored from before their last sync settle`() throws {
    let centre = try CentreProcess()
    let device = try centre.device(of: "HILL")
    let other = try centre.device(of: "HILL")
    #expect(try device.run(["import", Fixtures.path("hill")]).status == 0)
    try device.sync()
    try device.shareVault(with: other)
    let (store, registry) = (device.folder.path("backup"), centre.folder.path("backup"))
    #expect(try device.run(["backup", store]).status == 0)
    #expect(try centre.run(["backup", registry]).status == 0)
    let saved = try device.run(["set", "-"], input: "HIL000001 baseline lymphocytes=1.61")
    #expect(saved.status == 0, "\(saved.errors)")
    for machine in [device, other] { try machine.sync() }

    try centre.loseStore()
    #expect(try centre.run(["restore", registry, "--no-revocations"]).status == 0)
    try centre.start()
    try device.loseStore()
    #expect(try device.run(["restore", store]).status == 0)
    let own = try device.run(["set", "-"], input: "HIL000002 baseline lymphocytes=1.55")
    #expect(own.status == 0, "\(own.errors)")
    for machine in [device, other, device] { try machine.sync() }
    for machine in [device, other] {
      #expect(try show(machine, "HIL000001").contains("1.61"))
      #expect(try show(machine, "HIL000002").contains("1.55"))
    }
  }
}
