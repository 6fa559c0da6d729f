// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

/// `Tests/Controls` and the table of SECURITY.md stay in step with the sources.
///
/// `make test-controls` takes each control out of a copy of the tree and runs its suites; what is
/// checked here is that it still can.
@Suite struct ControlTests {
  /// One control: what it is, which suites guard it, and which text is taken out of which file.
  private struct Control {
    let name: String
    let suites: [Substring]
    let edits: [(file: String, text: String)]
  }

  private static func controls(in folder: String) throws -> [Control] {
    let base = SourceTree.root.appending(path: folder)
    return try FileManager.default.contentsOfDirectory(atPath: base.path).sorted()
      .filter { $0.hasSuffix(".control") }
      .map { name in
        let text = try String(contentsOf: base.appending(path: name), encoding: .utf8)
        let suites = try #require(text.firstMatch(of: /(?m)^test: (.+)$/)).output.1
        let edits = text.matches(of: /(?sm)^file: ([^\n]+)\n<<<<\n(.*?)\n====\n/).map {
          (file: String($0.output.1), text: String($0.output.2))
        }
        return Control(
          name: String(name.dropLast(".control".count)),
          suites: suites.split(separator: "|"),
          edits: edits
        )
      }
  }

  @Test(arguments: ["Tests/Controls", "Tests/Leaks/Mutants"])
  func `what a control takes out stands once in its file`(folder: String) throws {
    for control in try Self.controls(in: folder) {
      #expect(!control.edits.isEmpty, "\(control.name)")
      for edit in control.edits {
        let source = try String(
          contentsOf: SourceTree.root.appending(path: edit.file),
          encoding: .utf8
        )
        #expect(
          source.ranges(of: edit.text).count == 1,
          "\(control.name).control does not fit \(edit.file): write it anew"
        )
      }
    }
  }

  @Test func `every control names suites that exist`() throws {
    let tests = try SourceTree.files(in: ["Tests"]).map { $0.lines.joined(separator: "\n") }
    for control in try Self.controls(in: "Tests/Controls") {
      for suite in control.suites {
        #expect(tests.contains { $0.contains("struct \(suite) ") }, "\(control.name): \(suite)")
      }
    }
  }

  @Test func `the security page names every control and no other`() throws {
    let page = try String(
      contentsOf: SourceTree.root.appending(path: "SECURITY.md"),
      encoding: .utf8
    )
    let named = Set(page.matches(of: /\[`([a-z-]+)`\]/).map { String($0.output.1) })
    let there = Set(try Self.controls(in: "Tests/Controls").map(\.name))
    #expect(named.subtracting(there).sorted() == [], "named, and not in Tests/Controls")
    #expect(there.subtracting(named).sorted() == [], "not named in SECURITY.md")
    #expect(there.count >= 20)
  }
}
