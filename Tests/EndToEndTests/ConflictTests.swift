// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

/// How people meet, understand and settle conflicts: two devices of a hospital over real TLS.
@Suite struct ConflictTests {
  private struct Hospital {
    let centre: CentreProcess
    let first: Device
    let second: Device

    /// Both devices know the same patients; each then writes its own platelets of one.
    init(_ one: String?, _ other: String?) throws {
      centre = try CentreProcess()
      first = try centre.device(of: "HILL")
      second = try centre.device(of: "HILL")
      try #require(try first.run(["import", Fixtures.path("hill")]).status == 0)
      try first.sync()
      try first.shareVault(with: second)
      try second.sync()
      for (device, value) in [(first, one), (second, other)] {
        guard let value else { continue }
        try Self.set(device, "lymphocytes=\(value)")
      }
      try settle()
    }

    static func set(_ device: Device, _ assignment: String) throws {
      let saved = try device.run(["set", "-"], input: "HIL000001 baseline \(assignment)")
      try #require(saved.status == 0, "\(saved.errors)")
    }

    func settle() throws {
      for device in [first, second, first] { try device.sync() }
    }
  }

  private func conflicts(_ device: Device) throws -> [[String: Any]] {
    try #require(device.run(["conflicts"]).json()["conflicts"] as? [[String: Any]])
  }

  private func only(_ device: Device) throws -> [String: Any] {
    let all = try conflicts(device)
    #expect(all.count == 1)
    return try #require(all.first)
  }

  @Test func `a conflict names field, values, origins and the value used meanwhile`() throws {
    let hospital = try Hospital("1.61", "1.66")
    let conflict = try only(hospital.first)
    #expect(conflict["mrn"] as? String == "HIL000001")
    #expect(conflict["event"] as? String == "baseline")
    #expect(conflict["field"] as? String == "lymphocytes")
    let values = try #require(conflict["values"] as? [[String: Any]])
    #expect(Set(values.compactMap { $0["value"] as? String }) == ["1.61", "1.66"])
    let own = try #require(values.first { $0["own"] as? Bool == true })
    #expect(own["value"] as? String == "1.61")
    let other = try #require(values.first { $0["own"] as? Bool == false })
    #expect(other["origin"] as? String == "device 2")
    let provisional = values.filter { $0["provisional"] as? Bool == true }
    #expect(provisional.count == 1)
    #expect(conflict["provisional"] as? String == provisional.first?["value"] as? String)
    #expect(
      try only(hospital.second)["provisional"] as? String == conflict["provisional"] as? String
    )
  }

  @Test func `on the terminal a conflict reads as a table with what to do`() throws {
    let hospital = try Hospital("1.61", "1.66")
    let text = try Program.lobule.run(["conflicts", "--store", hospital.first.store]).output
    for word in [
      "HIL000001 baseline lymphocytes", "1.61", "1.66", "this device", "device 2", "arrived",
      "used until decided", "lobule resolve", "shown ",
    ] { #expect(text.contains(word), "\(word) in:\n\(text)") }
  }

  @Test func `a decision by head settles it everywhere`() throws {
    let hospital = try Hospital("1.61", "1.66")
    let values = try #require(only(hospital.first)["values"] as? [[String: Any]])
    let wanted = try #require(values.first { $0["value"] as? String == "1.66" }?["head"] as? String)
    let resolved = try hospital.first.run(
      ["resolve", "-", "--head", wanted],
      input: "HIL000001 baseline lymphocytes"
    )
    #expect(resolved.status == 0, "\(resolved.errors)")
    try hospital.settle()
    #expect(try conflicts(hospital.first).isEmpty && conflicts(hospital.second).isEmpty)
    let shown = try hospital.second.run(["show", "-"], input: "HIL000001").output
    #expect(shown.contains("1.66") && !shown.contains("1.61"))
  }

  @Test func `a decision beside another edit is a conflict again`() throws {
    let hospital = try Hospital("1.61", "1.66")
    for (device, value) in [(hospital.first, "1.66"), (hospital.second, "1.70")] {
      let resolved = try device.run(
        ["resolve", "-"],
        input: "HIL000001 baseline lymphocytes=\(value)"
      )
      #expect(resolved.status == 0, "\(resolved.errors)")
    }
    try hospital.settle()
    for device in [hospital.first, hospital.second] {
      let values = try #require(only(device)["values"] as? [[String: Any]])
      #expect(Set(values.compactMap { $0["value"] as? String }) == ["1.66", "1.7"])
    }
  }

  @Test func `a save over a value that changed since it was shown is refused with all three`()
    throws
  {
    let hospital = try Hospital("1.61", nil)
    let shown = try hospital.second.run(["show", "-"], input: "HIL000001").text("shown")
    try Hospital.set(hospital.first, "lymphocytes=1.64")
    try hospital.settle()
    let refused = try hospital.second.run(
      ["set", "-", "--shown", shown],
      input: "HIL000001 baseline lymphocytes=1.70"
    )
    #expect(refused.status == 3)
    #expect(refused.errors.contains("changed since they were shown"))
    #expect(!refused.errors.contains("1.6"), "a message of failure holds no value")
    let changed = try #require((refused.json()["changed"] as? [[String: Any]])?.first)
    #expect(changed["shown"] as? [String] == ["1.61"])
    #expect(changed["present"] as? [String] == ["1.64"])
    #expect(changed["entered"] as? String == "1.70")
    #expect(try hospital.second.run(["show", "-"], input: "HIL000001").output.contains("1.64"))

    let now = try hospital.second.run(["show", "-"], input: "HIL000001").text("shown")
    let saved = try hospital.second.run(
      ["set", "-", "--shown", now],
      input: "HIL000001 baseline lymphocytes=1.70"
    )
    #expect(saved.status == 0, "\(saved.errors)")
  }

  @Test func `a decision on values that changed since they were shown is refused`() throws {
    let hospital = try Hospital("1.61", "1.66")
    let conflict = try only(hospital.first)
    let shown = try #require(conflict["shown"] as? String)
    let values = try #require(conflict["values"] as? [[String: Any]])
    let head = try #require(values.first { $0["value"] as? String == "1.61" }?["head"] as? String)
    let third = try hospital.centre.device(of: "HILL")
    try hospital.first.shareVault(with: third)
    try third.sync()
    let late = try third.run(["resolve", "-"], input: "HIL000001 baseline lymphocytes=1.75")
    #expect(late.status == 0, "\(late.errors)")
    try third.sync()
    try Hospital.set(hospital.second, "platelets=190")
    try hospital.settle()
    for arguments in [["resolve", "-", "--shown", shown]] {
      let refused = try hospital.first.run(
        arguments,
        input: "HIL000001 baseline lymphocytes=1.61"
      )
      #expect(refused.status == 3)
      #expect(refused.errors.contains("changed since"), "\(refused.errors)")
    }
    let byHead = try hospital.first.run(
      ["resolve", "-", "--head", head, "--shown", shown],
      input: "HIL000001 baseline lymphocytes"
    )
    #expect(byHead.status == 3)
  }

  @Test func `a change of another field does not refuse a save`() throws {
    let hospital = try Hospital("1.61", nil)
    let shown = try hospital.second.run(["show", "-"], input: "HIL000001").text("shown")
    try Hospital.set(hospital.first, "platelets=190")
    try hospital.settle()
    let saved = try hospital.second.run(
      ["set", "-", "--shown", shown],
      input: "HIL000001 baseline lymphocytes=1.70"
    )
    #expect(saved.status == 0, "\(saved.errors)")
  }

  @Test func `a word that lobule never printed as shown is a usage error`() throws {
    let device = try Device(site: "HILL")
    let outcome = try device.run(["set", "-", "--shown", "yesterday"], input: "A x=1")
    #expect(outcome.status == 2)
  }

  @Test func `two names of one patient are listed until one is set`() throws {
    let hospital = try Hospital(nil, nil)
    let renamed = try hospital.first.run(["set", "-"], input: #"HIL000001 "name=Li Meng""#)
    try #require(renamed.status == 0, "\(renamed.errors)")
    let other = try hospital.second.run(["set", "-"], input: #"HIL000001 "name=Li Ming""#)
    try #require(other.status == 0, "\(other.errors)")
    try hospital.first.shareVault(with: hospital.second)
    let text = try Program.lobule.run(["conflicts", "--store", hospital.second.store]).output
    #expect(text.contains("Li Meng") && text.contains("Li Ming"), "\(text)")
    let decided = try hospital.second.run(["set", "-"], input: #"HIL000001 "name=Li Ming""#)
    #expect(decided.status == 0, "\(decided.errors)")
    let after = try #require(
      hospital.second.run(["conflicts"]).json()["identities"] as? [[String: Any]]
    )
    #expect(after.isEmpty)
  }
}
