// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

/// Hospital computers whose clock is wrong, by libfaketime under the real program.
@Suite struct ClockTests {
  /// Runs a command of a device at another time.
  private static func run(
    _ arguments: [String],
    on device: Device,
    at offset: String
  ) throws -> Outcome {
    let scratch = try ScratchFolder()
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments =
      ["faketime", "-f", offset, Program.lobule.url.path] + arguments
      + ["--store", device.store, "--json"]
    let files = try [scratch.file("out", ""), scratch.file("err", "")]
    process.standardOutput = try FileHandle(forWritingTo: URL(filePath: files[0]))
    process.standardError = try FileHandle(forWritingTo: URL(filePath: files[1]))
    process.standardInput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    return Outcome(
      status: process.terminationStatus,
      output: try String(contentsOfFile: files[0], encoding: .utf8),
      errors: try String(contentsOfFile: files[1], encoding: .utf8)
    )
  }

  @Test(arguments: ["+2y", "+400d", "-400d", "-8y", "+301", "-301"])
  func `a clock that is wrong is corrected from the centre's signed time, once`(
    offset: String
  ) throws {
    let centre = try CentreProcess()
    let device = try centre.device(of: "HILL")
    _ = try device.run(["import", Fixtures.path("hill")])
    let first = try Self.run(["sync"], on: device, at: offset)
    #expect(first.status == 0, "\(first.errors)")
    #expect(try first.flag("digest_equal"))
    // The offset is kept: the next sync needs one request.
    let second = try Self.run(["sync"], on: device, at: offset)
    #expect(second.status == 0, "\(second.errors)")
    #expect(try second.integer("requests") == 1)
    // Somebody sets the clock.
    let third = try device.run(["sync"])
    #expect(third.status == 0, "\(third.errors)")
    #expect(try third.integer("requests") == 2)
    #expect(try third.flag("digest_equal"))
  }

  @Test(arguments: ["+299", "-299"])
  func `a clock that is nearly right needs no correction`(offset: String) throws {
    let centre = try CentreProcess()
    let device = try centre.device(of: "HILL")
    _ = try device.sync()
    #expect(try Self.run(["sync"], on: device, at: offset).integer("requests") == 1)
  }

  @Test(arguments: ["+5y", "-15y"])
  func `a clock beyond the certificate's time is named`(offset: String) throws {
    let centre = try CentreProcess()
    let device = try centre.device(of: "HILL")
    let outcome = try Self.run(["sync"], on: device, at: offset)
    #expect(outcome.status == 4)
    #expect(outcome.errors.contains("clock"), "\(outcome.errors)")
  }
}
