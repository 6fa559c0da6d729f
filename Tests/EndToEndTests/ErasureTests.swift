// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

/// Erasure by law, through the real programs over TLS.
@Suite struct ErasureTests {
  private static let number = "HIL000001"
  private static let canary = 1.612345
  private static let late = 1.623456

  /// The value as the heads and the audit trail hold it.
  private func traces(_ value: Double) -> [Data] {
    [Data("\(value)".utf8), withUnsafeBytes(of: value.bitPattern.bigEndian) { Data($0) }]
  }

  /// Whether any file below a folder holds any of the values.
  private func holds(_ folder: String, _ values: Double...) throws -> Bool {
    let names = try FileManager.default.subpathsOfDirectory(atPath: folder)
    for name in names {
      guard let bytes = try? Data(contentsOf: URL(filePath: "\(folder)/\(name)")) else { continue }
      for trace in values.flatMap(traces) where bytes.range(of: trace) != nil { return true }
    }
    return false
  }

  private func set(_ device: Device, _ value: Double) throws {
    let saved = try device.run(["set", "-"], input: "\(Self.number) baseline lymphocytes=\(value)")
    #expect(saved.status == 0, "\(saved.errors)")
  }

  private func erase(_ device: Device) throws -> Outcome {
    try device.run(["erase", "-", "--reason", "request", "--yes"], input: Self.number)
  }

  /// A centre and two devices of a hospital that have the same patients.
  private func hospital() throws -> (CentreProcess, Device, Device) {
    let centre = try CentreProcess()
    let first = try centre.device(of: "HILL")
    let second = try centre.device(of: "HILL")
    #expect(try first.run(["import", Fixtures.path("hill")]).status == 0)
    try set(first, Self.canary)
    try first.sync()
    try first.shareVault(with: second)
    try second.sync()
    return (centre, first, second)
  }

  @Test func `an erased patient is gone from both devices and the centre`() throws {
    let (centre, first, second) = try hospital()
    let cut = try centre.run(["cut"])
    try set(second, Self.late)
    for folder in [first.store, centre.data] { #expect(try holds(folder, Self.canary)) }

    let asked = try first.run(["erase", "-", "--reason", "request"], input: Self.number)
    #expect(asked.status == 2)
    #expect(try first.run(["show", "-"], input: Self.number).status == 0)
    let erased = try erase(first)
    #expect(erased.status == 0, "\(erased.errors)")
    #expect(try erased.flag("files_cleaned"))
    #expect(try first.run(["show", "-"], input: Self.number).status == 3)

    for device in [first, second, first] { try device.sync() }
    for folder in [first.store, second.store, centre.data] {
      #expect(try !holds(folder, Self.canary, Self.late), "\(folder)")
    }
    for device in [first, second] {
      #expect(try device.run(["show", "-"], input: Self.number).status == 3)
      #expect(try device.run(["audit", "verify"]).status == 0)
      #expect(try device.run(["doctor"]).status == 0)
    }
    let next = try centre.run(["cut"])
    #expect(try next.integer("patients") == cut.integer("patients") - 1)
    let listed = try centre.run(["cut", "list"])
    let cuts = try #require(try listed.json()["cuts"] as? [[String: Any]])
    #expect(cuts.map { $0["erased_rows"] as? Int } == [1, 0])
    #expect(try centre.run(["audit", "verify"]).status == 0)
    let doctor = try centre.run(["doctor"])
    #expect(doctor.status == 0, "\(doctor.output)")
  }

  @Test func `a restored centre and a restored device erase again`() throws {
    let (centre, first, second) = try hospital()
    let backup = centre.folder.path("backup")
    #expect(try centre.run(["backup", backup]).status == 0)
    let copy = second.folder.path("copy")
    #expect(try second.run(["backup", copy]).status == 0)
    #expect(try erase(first).status == 0)
    for device in [first, second] { try device.sync() }

    try centre.loseStore()
    let restored = try centre.run(["restore", backup])
    #expect(restored.status == 0, "\(restored.errors)")
    #expect(try holds(centre.data, Self.canary))
    #expect(try centre.run(["site", "confirm-revocations"]).status == 0)
    try centre.start()
    try second.loseStore()
    #expect(try second.run(["restore", copy]).status == 0)
    for device in [first, second] { try device.sync() }
    for folder in [first.store, second.store, centre.data] {
      #expect(try !holds(folder, Self.canary), "\(folder)")
    }
    #expect(try second.run(["show", "-"], input: Self.number).status == 3)
  }

  @Test func `a device enrolled later gets what is left, by line and by file`() throws {
    let (centre, first, _) = try hospital()
    #expect(try erase(first).status == 0)
    try first.sync()
    let third = try centre.device(of: "HILL")
    try third.sync()
    #expect(try third.changesets() == first.changesets())
    let fourth = try centre.device(of: "HILL")
    let asked = fourth.folder.path("asked.bundle")
    let answer = fourth.folder.path("answer.bundle")
    #expect(try fourth.run(["bundle", "write", asked]).status == 0)
    #expect(try centre.run(["bundle", "read", asked]).status == 0)
    #expect(try centre.run(["bundle", "write", answer, "--site", "HILL"]).status == 0)
    let read = try fourth.run(["bundle", "read", answer])
    #expect(read.status == 0, "\(read.errors)")
    #expect(try read.flag("digest_equal"))
    #expect(try !holds(fourth.store, Self.canary))
  }
}
