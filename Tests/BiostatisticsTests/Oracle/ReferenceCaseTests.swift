// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

/// The files of reference numbers: none may lie unused, and the documentation names each with the
/// tests that hold it.
struct ReferenceCaseTests {
  private static let tests = Oracle.folder.appending(path: "../..").standardizedFileURL
  private static let page = tests.appending(path: "../docs/statistics.md")

  /// The names of all cases: those here, and the nomogram's points beside the model's tests.
  private static func cases() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: Oracle.folder.path())
      .filter { $0.hasSuffix(".json") }.map { String($0.dropLast(5)) }.sorted()
      + ["nomogram_points_seed"]
  }

  /// Rows of the documentation's table: case and test files, relative to `Tests`.
  private static func rows() throws -> [String: [String]] {
    var rows: [String: [String]] = [:]
    for line in try String(contentsOf: page, encoding: .utf8).split(separator: "\n") {
      let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
      guard cells.count == 2, cells[1].hasSuffix(".swift`") else { continue }
      rows[cells[0].replacing("`", with: "")] = cells[1].replacing("`", with: "")
        .components(separatedBy: ", ")
    }
    return rows
  }

  @Test func `every case is held by the tests that the documentation names`() throws {
    let (cases, rows) = (try Self.cases(), try Self.rows())
    #expect(cases.count == 53)
    #expect(Set(cases) == Set(rows.keys))
    for (name, files) in rows {
      for file in files {
        let text = try String(contentsOf: Self.tests.appending(path: file), encoding: .utf8)
        #expect(text.contains(name), "\(file) does not use \(name)")
      }
    }
  }
}
