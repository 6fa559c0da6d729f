// SPDX-License-Identifier: Apache-2.0
import Foundation

/// The Swift files of the repository, read from the source tree that these tests were built from.
enum SourceTree {
  /// One source file.
  struct File {
    /// Path from the repository's root.
    let path: String
    let lines: [Substring]

    /// The module that the file belongs to: the folder below Sources, Client or SyncServer.
    var module: String? {
      let parts = path.split(separator: "/")
      if parts.first == "Migrations" { return "Migrations" }
      guard parts.count > 2, ["Sources", "Client", "SyncServer"].contains(parts[0]) else {
        return nil
      }
      return String(parts[1])
    }

    /// The modules named in import lines, with the lines they stand in.
    var imports: [(module: String, line: Int)] {
      lines.enumerated().compactMap { index, line in
        let words = line.split(separator: " ")
        guard let position = words.firstIndex(of: "import"), position <= 1,
          words.count > position + 1
        else { return nil }
        if position == 1,
          !["public", "package", "internal", "private", "@testable"].contains(words[0])
        {
          return nil
        }
        return (String(words[position + 1]), index + 1)
      }
    }
  }

  /// The repository's root.
  static var root: URL {
    URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
  }

  /// Every Swift file below the given folders, generated code left out.
  static func files(in folders: [String]) throws -> [File] {
    var found: [File] = []
    for folder in folders {
      let base = root.appending(path: folder)
      let walker = FileManager.default.enumerator(atPath: base.path) ?? .init()
      for case let name as String in walker
      where name.hasSuffix(".swift") && !name.hasSuffix(".pb.swift") {
        let text = try String(contentsOf: base.appending(path: name), encoding: .utf8)
        found.append(
          File(
            path: "\(folder)/\(name)",
            lines: text.split(separator: "\n", omittingEmptySubsequences: false)
          )
        )
      }
    }
    return found.sorted { $0.path < $1.path }
  }

  /// The code that ships.
  static func shipped() throws -> [File] {
    try files(in: ["Sources", "Client", "SyncServer", "Migrations"])
  }
}
