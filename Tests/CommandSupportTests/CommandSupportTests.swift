// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import CommandSupport

@Suite struct CommandSupportTests {
  @Test func `a failure says what happened, to what, and what to do`() {
    let failure = CommandFailure(
      .remote,
      what: "The server did not answer",
      to: "https://center",
      todo: "Try again later"
    )
    #expect(failure.message == "The server did not answer: https://center. Try again later.")
  }

  @Test func `the version names the commit, or says that it is unknown`() {
    #expect(ProgramVersion.text == "\(ProgramVersion.number) (commit \(ProgramVersion.commit))")
    #expect(ProgramVersion.commit.wholeMatch(of: /[A-Za-z0-9-]+/) != nil)
  }

  @Test func `numbers are written in the shortest form that reads back the same`() throws {
    let text = String(decoding: try JSONOutput.encode(["value": 0.1 + 0.2]), as: UTF8.self)
    #expect(text == #"{"value":0.30000000000000004}"#)
  }

  @Test func `keys are written in snake case and sorted`() throws {
    struct Sample: Encodable {
      let lastSync = 1
      let digestEqual = true
    }
    let text = String(decoding: try JSONOutput.encode(Sample()), as: UTF8.self)
    #expect(text == #"{"digest_equal":true,"last_sync":1}"#)
  }

  @Test func `a number that is not finite is refused`() {
    #expect(throws: CommandFailure.self) { try JSONOutput.encode([Double.nan]) }
  }

  @Test func `columns align, numbers to the right and wide characters by their width`() {
    var table = TextTable(["name", "n"])
    table.add(["中文", "5"])
    table.add(["ab", "12"])
    #expect(table.text == "name   n\n中文   5\nab    12\n")
  }

  @Test func `control characters cannot forge a line`() {
    var table = TextTable(["name"])
    table.add(["a\nb"])
    #expect(table.text == "name\na b\n")
  }

  @Test(arguments: [
    (0, "1970-01-01T00:00:00Z"), (951_782_400, "2000-02-29T00:00:00Z"),
    (1_767_225_599, "2025-12-31T23:59:59Z"), (-1, "1969-12-31T23:59:59Z"),
  ])
  func `seconds become calendar text`(seconds: Int, text: String) {
    #expect(UTCText.text(seconds) == text)
  }

  @Test func `a written file is for the user alone and replaces the old one`() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
      UUID().uuidString
    )
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appendingPathComponent("file").path
    try PrivateFile.write(Data("old".utf8), to: path)
    try PrivateFile.write(Data("new".utf8), to: path)
    let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions]
    #expect(mode as? Int == 0o600)
    #expect(try PrivateFile.read(path) == Data("new".utf8))
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["file"])
  }

  @Test(arguments: [
    ("Error: Unexpected argument 'HIL000001'\nUsage: x", "Unexpected argument '…'\nUsage: x"),
    ("Error: Unknown option '--no-such'", "Unknown option '--no-such'"),
    ("Error: Unexpected argument 'improt'", "Unexpected argument 'improt'"),
  ])
  func `a usage message repeats options and commands, never values`(text: String, shown: String) {
    #expect(UsageText.withoutValues(text) == shown)
  }
}
