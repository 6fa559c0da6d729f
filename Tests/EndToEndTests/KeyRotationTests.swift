// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

/// A device's signing key is changed while changes wait, travel and come by others.
@Suite struct KeyRotationTests {
  private func enter(_ device: Device, _ line: String) throws {
    let saved = try device.run(["set", "-"], input: line)
    try #require(saved.status == 0, "\(saved.errors)")
  }

  private func patient(_ device: Device, _ mrn: String) throws {
    try enter(device, "\(mrn) treatment_start=2024-01-10 birth_date=1960-05-06 sex=male")
  }

  @Test func `changes before and after a rotation reach the centre and the other device`() throws {
    let centre = try CentreProcess()
    let device = try centre.device(of: "HILL")
    let other = try centre.device(of: "HILL")
    try patient(device, "A1")
    try device.sync()
    try patient(device, "A2")
    let rotated = try device.run(["rotate-key"])
    try #require(rotated.status == 0, "\(rotated.errors)")
    #expect(try rotated.text("key_id") == "HILL/3")
    try patient(device, "A3")
    try device.sync()
    try other.sync()
    #expect(try other.run(["status"]).integer("changesets") == 3)
    try patient(other, "B1")
    try other.sync()
    try device.sync()
    #expect(try device.run(["status"]).integer("changesets") == 4)
    #expect(try centre.run(["cut"]).integer("patients") == 4)
    #expect(try device.run(["audit", "verify"]).status == 0)
    #expect(try device.run(["audit", "list"]).output.contains("key_rotated"))
    #expect(try device.run(["doctor"]).status == 0)
    #expect(try centre.run(["audit", "verify"]).status == 0)
    let second = try device.run(["rotate-key"])
    #expect(second.status == 0, "\(second.errors)")
    try patient(device, "A4")
    try device.sync()
    #expect(try centre.run(["cut"]).integer("patients") == 5)
  }

  @Test func `what the old key sealed is taken from another device after the rotation`() throws {
    let centre = try CentreProcess()
    let device = try centre.device(of: "HILL")
    let other = try centre.device(of: "HILL")
    try patient(device, "A1")
    let file = device.folder.path("changes.bundle")
    try #require(try device.run(["bundle", "write", file]).status == 0)
    try #require(try device.run(["rotate-key"]).status == 0)
    // The device is lost before it syncs again: its file is all there is.
    try #require(try centre.run(["bundle", "read", file]).status == 3)
    try device.sync()
    try other.sync()
    #expect(try other.run(["status"]).integer("changesets") == 1)
  }

  @Test func `a rotation whose answer was lost is finished by the next sync`() throws {
    let centre = try CentreProcess()
    let device = try centre.device(of: "HILL")
    try patient(device, "A1")
    try device.sync()
    try patient(device, "A2")
    centre.stop()
    #expect(try device.run(["rotate-key"]).status == 4)
    try patient(device, "A3")
    let refused = try device.run(["bundle", "write", device.folder.path("b")])
    #expect(refused.status == 3)
    #expect(refused.errors.contains("being changed"))
    try centre.start()
    try device.sync()
    #expect(try centre.run(["cut"]).integer("patients") == 3)
    let key = device.store + "/device.key.next"
    #expect(!FileManager.default.fileExists(atPath: key))
  }

  @Test func `a rotation that the centre committed and the device did not is finished`() throws {
    let centre = try CentreProcess()
    let device = try centre.device(of: "HILL")
    try patient(device, "A1")
    centre.stop()
    try #require(try device.run(["rotate-key"]).status == 4)
    // The same folder finishes the rotation on a copy; the original never hears the answer.
    let copy = try Device(copying: device)
    try centre.start()
    try #require(try copy.run(["rotate-key"]).status == 0)
    try patient(device, "A2")
    let resumed = try device.run(["rotate-key"])
    #expect(resumed.status == 0, "\(resumed.errors)")
    #expect(try resumed.flag("resumed"))
    try device.sync()
    #expect(try centre.run(["cut"]).integer("patients") == 2)
  }

  @Test func `a device that was revoked by its former key's name is revoked`() throws {
    let centre = try CentreProcess()
    let device = try centre.device(of: "HILL")
    try #require(try device.run(["rotate-key"]).status == 0)
    try #require(try centre.run(["site", "revoke", "HILL", "--device", "HILL/1"]).status == 0)
    let refused = try device.run(["sync"])
    #expect(refused.status == 4)
    #expect(refused.errors.contains("revoked"))
  }
}
