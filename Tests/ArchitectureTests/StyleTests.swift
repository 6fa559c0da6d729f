// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

@Suite struct StyleTests {
  /// Longest file, in lines.
  static let fileLimit = 400
  /// Longest function, in lines.
  static let functionLimit = 50

  /// Text that may not stand in shipped code, what to write instead, and where it may stand after all.
  static let banned: [(text: String, instead: String, exceptIn: [String])] = [
    ("try!", "a thrown, typed error", []),
    ("fatalError(", "preconditionFailure for our own invariants, throws for the rest", []),
    ("@unchecked Sendable", "a value type or an actor", []),
    ("nonisolated(unsafe)", "a value type or an actor", ["Client/CurlTransport/"]),
    ("Date()", "a clock passed in", ["Sources/CommandSupport/SystemClock.swift"]),
    ("Date.now", "a clock passed in", ["Sources/CommandSupport/SystemClock.swift"]),
    ("print(\"DEBUG", "nothing", []),
    ("TODO", "an entry in the tracker", []),
    ("FIXME", "an entry in the tracker", []),
  ]

  @Test func `files stay short enough to read in one go`() throws {
    for file in try SourceTree.files(in: ["Sources", "Client", "SyncServer", "Migrations", "Tests"])
    {
      #expect(
        file.lines.count <= Self.fileLimit + 1,
        "\(file.path) has \(file.lines.count) lines"
      )
    }
  }

  @Test func `functions stay short enough to hold in mind`() throws {
    for file in try SourceTree.shipped() {
      for function in Self.functions(of: file) where function.length > Self.functionLimit {
        Issue.record("\(file.path):\(function.line) is \(function.length) lines long")
      }
    }
  }

  @Test func `banned text is absent`() throws {
    for file in try SourceTree.shipped() {
      for (index, line) in file.lines.enumerated() {
        for rule in Self.banned
        where line.contains(rule.text) && !rule.exceptIn.contains(where: file.path.hasPrefix) {
          Issue.record("\(file.path):\(index + 1) has \(rule.text); use \(rule.instead)")
        }
      }
    }
  }

  @Test func `every file names its licence`() throws {
    for file in try SourceTree.files(in: ["Sources", "Client", "SyncServer", "Migrations", "Tests"])
    {
      #expect(
        file.lines.prefix(3).contains { $0.contains("SPDX-License-Identifier: Apache-2.0") },
        "\(file.path) has no SPDX line"
      )
    }
  }

  @Test func `tests are never disabled`() throws {
    for file in try SourceTree.files(in: ["Tests"]) where !file.path.contains("ArchitectureTests") {
      for (index, line) in file.lines.enumerated() {
        #expect(
          !line.contains(".disabled(") && !line.contains("XCTSkip"),
          "\(file.path):\(index + 1) skips a test"
        )
      }
    }
  }

  /// Functions and initialisers with their lengths, by the indentation that the formatter guarantees.
  private static func functions(of file: SourceTree.File) -> [(line: Int, length: Int)] {
    var found: [(line: Int, length: Int)] = []
    for (index, line) in file.lines.enumerated() {
      let body = line.drop { $0 == " " }
      let words = body.split(separator: " ").prefix(6)
      guard words.contains("func") || words.contains(where: { $0.hasPrefix("init(") }),
        !body.hasPrefix("//")
      else { continue }
      let indentation = String(repeating: " ", count: line.count - body.count)
      guard let opening = opening(of: index, indentedBy: indentation, in: file) else { continue }
      let closing = indentation + "}"
      guard let end = file.lines[opening...].dropFirst().firstIndex(where: { $0 == closing }) else {
        continue
      }
      found.append((index + 1, end - index + 1))
    }
    return found
  }
  /// The line on which a declaration's body opens; nil for a requirement, which has none.
  private static func opening(
    of declaration: Int,
    indentedBy indentation: String,
    in file: SourceTree.File
  ) -> Int? {
    if file.lines[declaration].hasSuffix("{") { return declaration }
    let next = file.lines[(declaration + 1)...].firstIndex {
      $0.hasPrefix(indentation) && !$0.hasPrefix(indentation + " ") && !$0.isEmpty
    }
    guard let next, file.lines[next].hasSuffix("{") else { return nil }
    return file.lines[next].dropFirst(indentation.count).hasPrefix(")") ? next : nil
  }
}
