// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

/// What hospitals say of the audit log of a restored centre, through the real programs over TLS.
@Suite struct AuditBreakTests {
  /// A centre that was put back to before what its hospital saw.
  private func restored() throws -> (centre: CentreProcess, device: Device) {
    let centre = try CentreProcess()
    let device = try centre.device(of: "HILL")
    let backup = centre.folder.path("backup")
    #expect(try centre.run(["backup", backup]).status == 0)
    _ = try centre.code(for: "NORTH")
    try device.sync()
    try centre.loseStore()
    #expect(try centre.run(["restore", backup, "--no-revocations"]).status == 0)
    try centre.start()
    return (centre, device)
  }

  private func audit(_ device: Device) throws -> String {
    try device.sync().text("center_audit")
  }

  private func key(_ centre: CentreProcess, _ number: Int) -> String {
    "\(centre.data)/keys/root-\(number).key"
  }

  @Test func `a break is named at each sync until two root keys vouch for the log`() throws {
    let (centre, device) = try restored()
    for _ in 0..<2 { #expect(["forked", "shortened"].contains(try audit(device))) }
    let file = centre.folder.path("break.json")
    #expect(try centre.run(["audit", "break", "write", file]).status == 0)
    let unsigned = try centre.run(["audit", "break", "publish", file])
    #expect(unsigned.status == 3)
    #expect(unsigned.errors.contains("audit break sign"))
    for number in 1...2 {
      let signed = try Program.center.run(
        ["audit", "break", "sign", file, "--key", key(centre, number), "--json"]
      )
      #expect(signed.status == 0, "\(signed.errors)")
      #expect(try signed.integer("signatures") == number)
      if number == 1 { #expect(try centre.run(["audit", "break", "publish", file]).status == 3) }
    }
    let published = try centre.run(["audit", "break", "publish", file])
    #expect(published.status == 0, "\(published.errors)")
    #expect(try audit(device) == "restored")
    #expect(["unchanged", "continued"].contains(try audit(device)))
    _ = try centre.code(for: "NORTH")
    #expect(try audit(device) == "continued")
    #expect(try device.run(["doctor"]).status == 0)
    #expect(try device.run(["audit", "verify"]).status == 0)
  }

  @Test func `a centre that was never restored has no break to state`() throws {
    let centre = try CentreProcess()
    let refused = try centre.run(["audit", "break", "write", centre.folder.path("break.json")])
    #expect(refused.status == 3)
    #expect(refused.errors.contains("never restored"))
  }
}
