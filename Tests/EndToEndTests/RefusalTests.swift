// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

/// What goes wrong between a hospital and the centre: a sentence, the right exit code, nothing lost.
@Suite struct RefusalTests {
  @Test func `a wrong enrolment code enrols nothing`() throws {
    let centre = try CentreProcess()
    _ = try centre.code(for: "HILL")
    let wrong = try centre.code(for: "COAST")
    let device = try Device(site: "HILL")
    let outcome = try device.enroll(at: centre, code: wrong)
    #expect(outcome.status == 4)
    #expect(outcome.errors.contains("code"))
  }

  @Test func `an enrolment code works once`() throws {
    let centre = try CentreProcess()
    let code = try centre.code(for: "HILL")
    #expect(try Device(site: "HILL").enroll(at: centre, code: code).status == 0)
    let second = try Device(site: "HILL").enroll(at: centre, code: code)
    #expect(second.status == 4)
    #expect(second.errors.contains("code"))
  }

  @Test func `a revoked site is told so and keeps its changes`() throws {
    let centre = try CentreProcess()
    let device = try centre.device(of: "HILL")
    _ = try device.run(["import", Fixtures.path("hill")])
    #expect(try centre.run(["site", "revoke", "HILL"]).status == 0)
    let outcome = try device.run(["sync"])
    #expect(outcome.status == 4)
    #expect(outcome.errors.lowercased().contains("revoked"))
    #expect(try device.run(["status"]).integer("unsent") == 38)
  }

  @Test func `a centre that is down is named and nothing is lost`() throws {
    let centre = try CentreProcess()
    let device = try centre.device(of: "HILL")
    _ = try device.run(["import", Fixtures.path("hill")])
    centre.stop()
    let outcome = try device.run(["sync"])
    #expect(outcome.status == 4)
    #expect(outcome.errors.contains("127.0.0.1"))
    #expect(try device.run(["status"]).integer("unsent") == 38)
    try centre.start()
    #expect(try device.sync().integer("accepted") == 38)
  }

  @Test func `an unknown certificate authority is refused before anything is sent`() throws {
    let centre = try CentreProcess()
    let stranger = try CentreProcess()
    let device = try Device(site: "HILL")
    let outcome = try device.run(
      [
        "enroll", "--server", centre.url, "--ca", stranger.certificateAuthority, "--code", "-",
      ],
      input: try centre.code(for: "HILL")
    )
    #expect(outcome.status == 4)
    #expect(outcome.errors.lowercased().contains("certificate"))
  }

  @Test func `a store is not made twice`() throws {
    let device = try Device(site: "HILL")
    #expect(try device.run(["init", "--site", "HILL"]).status == 3)
  }

  @Test func `a mistyped command line is a usage error`() throws {
    #expect(try Program.lobule.run(["import", "--no-such-option"]).status == 2)
    #expect(try Program.center.run(["no-such-command"]).status == 2)
  }

  @Test func `a value on a mistyped command line is not repeated`() throws {
    for words in [["list", "HIL000001", "Li Ming"], ["list", "--format=HIL000001"]] {
      let outcome = try Program.lobule.run(words)
      #expect(outcome.status == 2)
      #expect(!outcome.errors.contains("HIL000001"))
      #expect(!outcome.errors.contains("Li Ming"))
    }
  }
}
