// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

/// Commands that run at the same time on one store.
@Suite struct SideBySideTests {
  @Test func `saves during a sync that brings foreign batches are neither lost nor blind`() throws {
    let centre = try CentreProcess()
    let first = try centre.device(of: "HILL")
    let second = try centre.device(of: "HILL")
    #expect(try first.run(["import", Fixtures.path("hill")]).status == 0)
    try first.sync()
    try first.shareVault(with: second)
    try second.sync()

    let rounds = 6
    for round in 0..<rounds {
      let foreign = try first.run(["set", "-"], input: "HIL000001 baseline alp=1\(round)1")
      #expect(foreign.status == 0, "\(foreign.errors)")
      try first.sync()
      let running = try Program.lobule.start(
        ["sync", "--store", second.store],
        output: second.folder.path("out"),
        errors: second.folder.path("err")
      )
      let own = try second.run(["set", "-"], input: "HIL000002 baseline alp=2\(round)2")
      #expect(own.status == 0, "\(own.errors)")
      running.waitUntilExit()
      #expect(running.terminationStatus == 0)
    }

    for device in [second, first] { try device.sync() }
    #expect(try first.changesets() == 38 + 2 * rounds)
    #expect(try first.run(["show", "-"], input: "HIL000002").output.contains("2\(rounds - 1)2"))
    #expect(try second.run(["show", "-"], input: "HIL000001").output.contains("1\(rounds - 1)1"))
  }
}
