// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

/// A sync or a centre that is killed loses nothing: running again ends with equal digests.
@Suite struct KillTests {
  /// Moments of the kill, in milliseconds after the start; chosen to fall into every phase.
  static let moments = [15, 40, 80, 130, 200, 300]

  @Test func `a sync killed at any moment is finished by the next`() throws {
    let centre = try CentreProcess()
    let device = try centre.device(of: "HILL")
    _ = try device.run(["import", Fixtures.path("hill")])
    for moment in Self.moments {
      let process = try Program.lobule.start(
        ["sync", "--store", device.store],
        output: device.folder.path("out"),
        errors: device.folder.path("err")
      )
      usleep(UInt32(moment) * 1_000)
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
      let saved = try device.run(
        ["set", "-"],
        input: "HIL000001 baseline lymphocytes=1.\(moment + 100)"
      )
      #expect(saved.status == 0, "\(saved.errors)")
    }
    try device.sync()
    #expect(try device.run(["status"]).integer("unsent") == 0)
    #expect(try device.changesets() == 38 + Self.moments.count)
  }

  @Test func `a centre killed at any moment takes the rest after its restart`() throws {
    let centre = try CentreProcess()
    let device = try centre.device(of: "HILL")
    _ = try device.run(["import", Fixtures.path("hill")])
    for moment in Self.moments {
      let process = try Program.lobule.start(
        ["sync", "--store", device.store],
        output: device.folder.path("out"),
        errors: device.folder.path("err")
      )
      usleep(UInt32(moment) * 1_000)
      centre.stop(killing: true)
      process.waitUntilExit()
      try centre.start()
      _ = try device.run(["set", "-"], input: "HIL000001 baseline lymphocytes=1.\(moment + 100)")
    }
    try device.sync()
    #expect(try device.changesets() == 38 + Self.moments.count)
  }
}
