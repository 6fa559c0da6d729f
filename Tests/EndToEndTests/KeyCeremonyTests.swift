// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

/// Keys change hands and models are signed away from the centre, by the commands of the ceremony.
@Suite struct KeyCeremonyTests {
  private func ok(_ outcome: Outcome, _ what: String) throws -> Outcome {
    try #require(outcome.status == 0, "\(what): \(outcome.errors)")
    return outcome
  }

  private func program(_ arguments: [String]) throws -> Outcome {
    try Program.center.run(arguments + ["--json"])
  }

  /// A new key under a passphrase; its files and id.
  private func key(
    _ folder: ScratchFolder,
    _ name: String
  ) throws -> (file: String, passphrase: String, id: String) {
    let passphrase = try folder.file("\(name).pass", "correct horse \(name)\n")
    let file = folder.path("\(name).key")
    let made = try ok(
      program(["key", "new", file, "--name", name, "--passphrase-file", passphrase]),
      "key new"
    )
    return (file, passphrase, try made.text("key_id"))
  }

  @Test func `a key under a passphrase opens with it alone and shows its public half without`()
    throws
  {
    let folder = try ScratchFolder()
    let made = try key(folder, "Ada")
    #expect(try program(["key", "show", made.file]).status == 3)
    let shown = try program(["key", "show", made.file, "--passphrase-file", made.passphrase])
    #expect(try shown.text("key_id") == made.id)
    let half = try program(["key", "show", made.file + ".pub"])
    #expect(try half.text("key_id") == made.id)
    #expect(try half.text("name") == "Ada")
    let bytes = try String(contentsOfFile: made.file, encoding: .utf8)
    #expect(bytes.hasPrefix("lobule-ed25519-locked-key "))
  }

  @Test func `model and timestamp keys are rotated, and hospitals follow at their next model`()
    throws
  {
    let centre = try CentreProcess()
    let device = try centre.device(of: "HILL")
    try device.sync()
    let folder = centre.folder
    let keys = "\(centre.data)/keys"
    let (ada, ben) = (try key(folder, "Ada"), try key(folder, "Ben"))
    let shown = try #require(try centre.run(["root", "show"]).json()["keys"] as? [[String: Any]])
    let dropped = try #require(
      shown.first { $0["name"] as? String == "model key 1" }?["key_id"] as? String
    )
    let time = folder.path("time.key")
    _ = try ok(program(["key", "new", time, "--name", "Timestamp 2"]), "key new")
    let root = folder.path("root.json")
    _ = try ok(
      centre.run([
        "root", "new", root, "--model", ada.file + ".pub", "--model", ben.file + ".pub",
        "--timestamp", time + ".pub", "--drop", String(dropped.prefix(16)),
      ]),
      "root new"
    )
    #expect(try centre.run(["root", "publish", root, "--timestamp-key", time]).status == 3)
    for number in [1, 3] {
      _ = try ok(program(["sign-file", root, "--key", "\(keys)/root-\(number).key"]), "sign-file")
    }
    // The released model bears one signature of a dropped key.
    let unsigned = try centre.run(["root", "publish", root, "--timestamp-key", time])
    #expect(unsigned.status == 3)
    #expect(unsigned.errors.contains("1 of 2"))
    let model = folder.path("released.json")
    _ = try ok(centre.run(["candidate", "export", "released", model]), "export")
    _ = try ok(
      program(["sign-file", model, "--key", ada.file, "--passphrase-file", ada.passphrase]),
      "sign-file"
    )
    _ = try ok(
      centre.run(["root", "publish", root, "--timestamp-key", time, "--model", model]),
      "root publish"
    )

    // A hospital that enrols now believes the new root alone.
    let late = try centre.device(of: "COAST")
    let synced = try late.sync()
    #expect(try synced.integer("model_version") == 1)
    // A rollback to the model in force before: a higher version, signed elsewhere.
    let proposed = try ok(centre.run(["rollback", "1", "--reason", "drill"]), "rollback")
    let candidate = try proposed.text("candidate")
    let file = folder.path("candidate.json")
    _ = try ok(centre.run(["candidate", "export", candidate, file]), "candidate export")
    for signer in [ada, ben] {
      _ = try ok(
        program(["sign-file", file, "--key", signer.file, "--passphrase-file", signer.passphrase]),
        "sign-file"
      )
    }
    _ = try ok(centre.run(["candidate", "import-signature", file]), "import-signature")
    _ = try ok(centre.run(["release", candidate]), "release")

    for follower in [device, late] {
      #expect(try follower.sync().integer("model_version") == 2)
      let answer = try follower.run(["model"]).json()
      #expect(answer["root_version"] as? Int == 2)
      #expect(answer["timestamp_fresh"] as? Bool == true)
      let names = (answer["signers"] as? [[String: Any]])?.compactMap { $0["name"] as? String }
      #expect(names?.sorted() == ["Ada", "Ben"])
      #expect((answer["status"] as? String)?.contains("release 1 again: drill") == true)
      #expect((answer["history"] as? [Any])?.count == 2)
      let card = try #require(answer["card"] as? [String: Any])
      #expect((card["limitations"] as? [String])?.first?.contains("drill") == true)
    }
    // Version 2 is stated at the next request.
    try device.sync()
    let sites = try #require(try centre.run(["site", "list"]).json()["sites"] as? [[String: Any]])
    let hill = sites.first { $0["site"] as? String == "HILL" }
    #expect(hill?["model_versions"] as? [String: Int] == ["HILL/1": 2])
    #expect(try centre.run(["replay", "2"]).status == 0)
  }

  @Test func `a signature of a dropped key, a stranger or another candidate is not taken`() throws {
    let centre = try CentreProcess()
    let folder = centre.folder
    let proposed = try ok(centre.run(["rollback", "1", "--reason", "drill"]), "rollback")
    let candidate = try proposed.text("candidate")
    let file = folder.path("candidate.json")
    _ = try ok(centre.run(["candidate", "export", candidate, file]), "candidate export")
    let stranger = try key(folder, "Eve")
    _ = try ok(
      program(["sign-file", file, "--key", stranger.file, "--passphrase-file", stranger.passphrase]
      ),
      "sign-file"
    )
    #expect(try centre.run(["candidate", "import-signature", file]).status == 3)
    let released = folder.path("released.json")
    _ = try ok(centre.run(["candidate", "export", "released", released]), "export")
    let text = try String(contentsOfFile: released, encoding: .utf8)
      .replacing("\"candidate\":\"released\"", with: "\"candidate\":\"\(candidate)\"")
    let forged = try folder.file("forged.json", text)
    #expect(try centre.run(["candidate", "import-signature", forged]).status == 3)
  }
}
