// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

/// The commands that the documents show are run as they stand, on a machine's own folders and port.
@Suite struct DocumentTests {
  @Test func `the session of the README runs as it is written`() throws {
    let scratch = try ScratchFolder()
    let blocks = try Self.commandBlocks(of: "README.md").filter { $0.contains("lobule") }
    try #require(blocks.count == 3, "the README's session has three blocks")
    try Data(try Fixtures.text("north").utf8)
      .write(to: scratch.url.appending(path: "patients.csv"))
    let script = try Self.script(blocks, in: scratch)
    let path = try scratch.file("session.sh", script)

    let output = try Tool.run("bash", [path])

    for file in ["nomogram.svg", "report.html"] {
      #expect(FileManager.default.fileExists(atPath: scratch.path(file)), "\(output)")
    }
  }

  /// The fenced blocks of a document that are not of another language.
  private static func commandBlocks(of name: String) throws -> [String] {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let text = try String(contentsOf: root.appending(path: name), encoding: .utf8)
    return text.components(separatedBy: "```").enumerated()
      .filter { $0.offset % 2 == 1 && $0.element.hasPrefix("\n") }
      .map(\.element)
  }

  /// The blocks as one script: folders and address of this test, the code handed over by a file.
  private static func script(_ blocks: [String], in scratch: ScratchFolder) throws -> String {
    let port = try freePort()
    let programs = Program.lobule.url.deletingLastPathComponent().path
    var text = blocks.joined(separator: "\n")
    for (shown, here) in [
      ("/srv/lobule", scratch.path("centre")),
      ("$HOME/lobule", scratch.path("store")),
      ("--ca ca.pem", "--ca \(scratch.path("centre/ca.pem"))"),
      (
        "0.0.0.0:8443 &",
        "127.0.0.1:\(port) > serve.log 2>&1 & sleep 0; until grep -q https serve.log; do sleep 0.05; done"
      ),
      ("https://registry.example.org:8443", "https://127.0.0.1:\(port)"),
      (
        "--name \"North hospital\"",
        "--name \"North hospital\" --json | jq -r .enrollment_code > code"
      ),
      ("--code -", "--code - < code"),
    ] {
      try #require(text.contains(shown), "the README no longer has \(shown)")
      text = text.replacing(shown, with: here)
    }
    return """
      set -euo pipefail
      cd \(scratch.url.path)
      export PATH=\(programs):$PATH
      trap 'kill -KILL $(jobs -p)' EXIT
      \(text)
      """
  }

  /// A port that nobody listens on now.
  private static func freePort() throws -> Int {
    let text = try Tool.run(
      "python3",
      [
        "-c",
        "import socket; s = socket.create_server(('127.0.0.1', 0)); print(s.getsockname()[1])",
      ]
    )
    return try #require(Int(text.trimmingCharacters(in: .whitespacesAndNewlines)))
  }
}
