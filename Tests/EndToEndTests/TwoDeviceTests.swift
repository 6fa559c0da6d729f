// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

/// Two devices of one hospital, and the centre between them, over real TLS.
@Suite struct TwoDeviceTests {
  @Test func `concurrent edits are shown, resolved, and settle everywhere`() throws {
    let centre = try CentreProcess()
    let first = try centre.device(of: "HILL")
    let second = try centre.device(of: "HILL")
    #expect(try first.run(["import", Fixtures.path("hill")]).status == 0)
    let pushed = try first.sync()
    #expect(try pushed.integer("pushed_changesets") == 38)
    #expect(try pushed.integer("accepted") == 38)
    #expect(try pushed.integer("refused") == 0)
    try first.shareVault(with: second)
    try second.sync()

    for (device, value) in [(first, "1.61"), (second, "1.66")] {
      let saved = try device.run(["set", "-"], input: "HIL000001 baseline lymphocytes=\(value)")
      #expect(saved.status == 0, "\(saved.errors)")
    }
    for device in [first, second, first] { try device.sync() }
    let shown = try first.run(["conflicts"])
    let conflicts = try #require(shown.json()["conflicts"] as? [[String: Any]])
    #expect(conflicts.count == 1)
    #expect(shown.output.contains("1.61") && shown.output.contains("1.66"))

    let blind = try first.run(["set", "-"], input: "HIL000001 baseline lymphocytes=1.70")
    #expect(blind.status == 3, "a save must not settle a conflict unseen")
    let resolved = try first.run(["resolve", "-"], input: "HIL000001 baseline lymphocytes=1.66")
    #expect(resolved.status == 0, "\(resolved.errors)")
    try first.sync()
    #expect(try second.sync().integer("conflicts") == 0)
    #expect(try second.run(["show", "-"], input: "HIL000001").output.contains("1.66"))
  }

  @Test func `a sync with nothing to do is one small request`() throws {
    let centre = try CentreProcess()
    let device = try centre.device(of: "HILL")
    _ = try device.run(["import", Fixtures.path("hill")])
    try device.sync()
    let idle = try device.sync()
    #expect(try idle.integer("requests") == 1)
    #expect(try idle.integer("bytes_sent") + idle.integer("bytes_received") < 2_048)
  }
}
