// SPDX-License-Identifier: Apache-2.0

import Foundation
import Registry

/// The study as it is, and as a later program will have it: with a field more.
package struct Studies: Sendable {
  /// A field that only the later study has.
  static let newField = "marker"

  let current: Study
  let later: Study

  /// Reads both; the later one is made of the source tree's files.
  package init() throws {
    current = try Study.embedded()
    let scratch = try ScratchFolder()
    let source = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Sources/Registry/Study")
    let folder = URL(filePath: scratch.path)
    for name in try FileManager.default.contentsOfDirectory(atPath: source.path) {
      var text = try String(contentsOf: source.appending(path: name), encoding: .utf8)
      if name == "dictionary.csv" {
        text += "\(Self.newField),labs,baseline,decimal,1,0.001,1000,,,,yes,A later field\n"
      }
      if name == "study.json" {
        text = text.replacingOccurrences(of: "\"version\": \"1\"", with: "\"version\": \"2\"")
      }
      try text.write(to: folder.appending(path: name), atomically: true, encoding: .utf8)
    }
    later = try Study.load(folder: folder)
  }
}
