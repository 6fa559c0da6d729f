// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

/// The vault's keys, its own backup and redaction, through the real program.
@Suite struct VaultCommandTests {
  private func device() throws -> Device {
    let device = try Device(site: "HILL")
    let saved = try device.run(
      ["set", "-"],
      input: "HIL9 treatment_start=2024-01-10 sex=male note=\"seen by Mrs Sun\""
    )
    try #require(saved.status == 0, "\(saved.errors)")
    return device
  }

  @Test func `a locked vault shows nobody until it is unlocked by the passphrase`() throws {
    let device = try device()
    let passphrase = try device.folder.file("passphrase", "four words of a song\n")
    #expect(try device.run(["vault", "lock"]).status == 3)
    #expect(
      try device.run(["vault", "passphrase", "--new-passphrase-file", passphrase]).status == 0
    )
    #expect(try device.run(["vault", "lock"]).status == 0)

    let locked = try device.run(["show", "-"], input: "HIL9")
    #expect(locked.status == 3)
    #expect(locked.errors.contains("locked"))
    #expect(try device.run(["status"]).status == 0)
    let shown = try device.run(["show", "-", "--passphrase-file", passphrase], input: "HIL9")
    #expect(shown.status == 0, "\(shown.errors)")

    let unlocked = try device.run(["vault", "unlock", "--passphrase-file", passphrase])
    #expect(unlocked.status == 0, "\(unlocked.errors)")
    #expect(try device.run(["show", "-"], input: "HIL9").status == 0)
  }

  @Test func `the recovery key is rehearsed, used once, and replaced`() throws {
    let folder = try ScratchFolder()
    let store = ["--store", folder.path("store"), "--json"]
    let made = try Program.lobule.run(["init", "--site", "HILL"] + store)
    let key = try made.text("recovery_key")
    let passphrase = try folder.file("passphrase", "another song\n")
    let recover = ["vault", "recover", "--recovery-file", "-"]

    let rehearsed = try Program.lobule.run(recover + ["--rehearse"] + store, input: key)
    #expect(rehearsed.status == 0, "\(rehearsed.errors)")
    #expect(try rehearsed.integer("identities") == 0)
    #expect(try Program.lobule.run(recover + store, input: key).status == 2)

    let used = try Program.lobule.run(
      recover + ["--new-passphrase-file", passphrase] + store,
      input: key
    )
    #expect(used.status == 0, "\(used.errors)")
    #expect(try Program.lobule.run(recover + ["--rehearse"] + store, input: key).status == 3)
    let renewed = try used.text("recovery_key")
    #expect(try Program.lobule.run(recover + ["--rehearse"] + store, input: renewed).status == 0)
  }

  @Test func `a vault comes back from its own backup`() throws {
    let device = try device()
    let copy = device.folder.path("vault.copy")
    #expect(try device.run(["vault", "backup", copy]).status == 0)
    #expect(try device.run(["vault", "restore", copy]).status == 3)
    for suffix in ["", "-wal", "-shm"] {
      try? FileManager.default.removeItem(atPath: device.store + "/vault.sqlite" + suffix)
    }
    #expect(try device.run(["show", "-"], input: "HIL9").status == 3)
    let restored = try device.run(["vault", "restore", copy])
    #expect(restored.status == 0, "\(restored.errors)")
    #expect(try restored.integer("identities") == 1)
    #expect(try device.run(["show", "-"], input: "HIL9").status == 0)
  }

  @Test func `a redacted note is gone and the trail says so`() throws {
    let device = try device()
    let redacted = try device.run(["vault", "redact", "-"], input: "HIL9 note")
    #expect(redacted.status == 0, "\(redacted.errors)")
    #expect(try redacted.integer("removed") == 1)
    #expect(try !device.run(["show", "-"], input: "HIL9").output.contains("Mrs Sun"))
    let trail = try device.run(["audit", "list"]).output
    #expect(trail.contains("identity_redacted"))
    #expect(!trail.contains("Mrs Sun"))
    #expect(try device.run(["audit", "verify"]).status == 0)
  }
}
