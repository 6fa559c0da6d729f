// SPDX-License-Identifier: Apache-2.0
import CurlTransport
import Foundation
import Replication
import SyncProtocol
import Testing

/// Old and new versions of a study and of the protocol against each other, over real TLS.
@Suite struct EvolutionTests {
  /// The built-in study with one more field and one more choice, as its next version.
  private func nextStudy(in folder: ScratchFolder) throws -> String {
    let target = folder.url.appending(path: "study-2")
    try FileManager.default.copyItem(at: Self.study, to: target)
    func edit(_ name: String, _ old: String, _ new: String) throws {
      let file = target.appending(path: name)
      let text = try String(contentsOf: file, encoding: .utf8)
      try #require(text.contains(old))
      try Data(text.replacing(old, with: new).utf8).write(to: file)
    }
    try edit("study.json", #""version": "1""#, #""version": "2""#)
    try edit("dictionary.csv", "HBV|HCV|other", "HBV|HCV|MASLD|other")
    try edit(
      "dictionary.csv",
      "\nalbumin,",
      "\nspleen_length,labs,baseline,decimal,cm,3,40,6,25,,yes,Length of the spleen\nalbumin,"
    )
    return target.path
  }

  private static let study = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Sources/Registry/Study")

  private func enter(_ device: Device, _ line: String, study: String? = nil) throws {
    let saved = try device.run(
      ["set", "-"] + (study.map { ["--study", $0] } ?? []),
      input: line
    )
    try #require(saved.status == 0, "\(saved.errors)")
  }

  private func unknown(_ device: Device, study: String? = nil) throws -> Int {
    try device.run(["status"] + (study.map { ["--study", $0] } ?? [])).integer("unknown_values")
  }

  /// A patient with a field and a choice of the next version, entered on a device that has it.
  private func newPatient(_ device: Device, _ study: String) throws {
    try enter(device, "E1 treatment_start=2024-01-10 birth_date=1960-05-06 sex=male", study: study)
    try enter(device, "E1 baseline spleen_length=11.5 platelets=180", study: study)
    try enter(device, "E1 aetiology=MASLD", study: study)
  }

  @Test func `a new device's values pass an old centre and an old device, and appear there`() throws
  {
    let scratch = try ScratchFolder()
    let study = try nextStudy(in: scratch)
    let centre = try CentreProcess()
    let new = try centre.device(of: "HILL")
    let old = try centre.device(of: "HILL")
    try newPatient(new, study)
    #expect(try new.run(["sync", "--study", study]).flag("digest_equal"))
    try new.shareVault(with: old)
    try old.sync()

    let shown = try old.run(["show", "-"], input: "E1")
    #expect(shown.output.contains("spleen_length") && shown.output.contains("11.5"))
    #expect(try unknown(old) == 2)
    let said = try Program.lobule.run(["status", "--store", old.store]).output
    #expect(said.contains("2 values need a newer version of the study"), "\(said)")
    let refused = try old.run(["set", "-"], input: "E1 baseline spleen_length=12")
    #expect(refused.status == 3, "an old device writes no field that it does not know")

    try enter(old, "E1 baseline albumin=38")
    try old.sync()
    #expect(try new.run(["sync", "--study", study]).flag("digest_equal"))
    #expect(try new.run(["show", "-", "--study", study], input: "E1").output.contains("38"))
  }

  @Test func `after an old device and an old centre upgrade, all that was relayed counts`() throws {
    let scratch = try ScratchFolder()
    let study = try nextStudy(in: scratch)
    let centre = try CentreProcess()
    let new = try centre.device(of: "HILL")
    let old = try centre.device(of: "HILL")
    try newPatient(new, study)
    #expect(try new.run(["sync", "--study", study]).flag("digest_equal"))
    try new.shareVault(with: old)
    try old.sync()

    let before = try centre.run(["cut"])
    #expect(try before.integer("unknown_values") == 2)
    let after = try centre.run(["cut", "--study", study])
    #expect(try after.integer("unknown_values") == 0)
    #expect(try before.text("sha256") != after.text("sha256"))

    #expect(try unknown(old, study: study) == 0)
    #expect(try old.run(["sync", "--study", study]).flag("digest_equal"))
    try enter(old, "E1 baseline spleen_length=12.5", study: study)
    #expect(try old.run(["sync", "--study", study]).flag("digest_equal"))
    #expect(try new.run(["sync", "--study", study]).flag("digest_equal"))
    #expect(try new.run(["show", "-", "--study", study], input: "E1").output.contains("12.5"))
  }

  @Test func `an old device works with a centre that is new already`() throws {
    let scratch = try ScratchFolder()
    let study = try nextStudy(in: scratch)
    let centre = try CentreProcess()
    let old = try centre.device(of: "HILL")
    #expect(try old.run(["import", Fixtures.path("hill")]).status == 0)
    try old.sync()
    let cut = try centre.run(["cut", "--study", study])
    #expect(cut.status == 0, "\(cut.errors)")
    #expect(try cut.integer("unknown_values") == 0)
    #expect(try cut.integer("patients") == centre.run(["cut"]).integer("patients"))
  }

  @Test func `a device whose program is older than its store is told so`() throws {
    let device = try Device(site: "HILL")
    let shell = Process()
    shell.executableURL = URL(filePath: "/usr/bin/env")
    shell.arguments = [
      "python3", "-c",
      """
      import sqlite3,sys; c=sqlite3.connect(sys.argv[1]+'/store.sqlite')
      c.execute("INSERT INTO grdb_migrations VALUES ('site_9999_of_a_later_program')"); c.commit()
      """, device.store,
    ]
    try shell.run()
    shell.waitUntilExit()
    let refused = try device.run(["status"])
    #expect(refused.status == 3)
    #expect(refused.errors.contains("newer version of this program"), "\(refused.errors)")
  }

  @Test func `a study folder that is not whole is named with its file`() throws {
    let scratch = try ScratchFolder()
    let study = try nextStudy(in: scratch)
    try FileManager.default.removeItem(atPath: study + "/units.csv")
    let refused = try Device(site: "HILL").run(["status", "--study", study])
    #expect(refused.status == 3)
    #expect(refused.errors.contains("units.csv"), "\(refused.errors)")
  }
}

/// A later version of the protocol at today's centre.
@Suite struct LaterProtocolTests {
  @Test func `a request of a later wire version is refused with both versions`() async throws {
    try await RunningService.run { service in
      let device = try await service.device(of: "HILL")
      let request = try service.signed(
        "POST",
        SyncRoutes.sync("HILL"),
        body: Data([0x08, 0x02]) + Data("of a later version".utf8),
        by: device
      )
      let response = try await service.transport().send(request)
      #expect(response.status == 400)
      #expect(try service.refusal(response, to: request) == "wire_version")
      let said = try JSONDecoder().decode(ErrorBody.self, from: response.body).message
      #expect(said.contains("version 1 of the protocol, the device version 2"), "\(said)")
    }
  }

  @Test func `later fields of a request are ignored`() async throws {
    try await RunningService.run { service in
      let device = try await service.device(of: "HILL")
      let plain = SyncRequest(vector: .init(), chainHeads: [], stateRoot: Data(count: 32))
      let request = try service.signed(
        "POST",
        SyncRoutes.sync("HILL"),
        body: plain.encoded() + Data([0x98, 0x06, 0x2A]),
        by: device
      )
      let response = try await service.transport().send(request)
      #expect(response.status == 200)
      _ = try SyncReply(decoding: response.body)
    }
  }
}
