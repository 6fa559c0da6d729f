// SPDX-License-Identifier: Apache-2.0
import Foundation
import Registry
import Testing

/// Files and small studies that the tests read.
enum Fixtures {
  static let hospitals = ["han", "north", "coast", "river", "hill"]

  static var root: URL {
    URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
  }

  static func hospital(_ name: String) throws -> [UInt8] {
    Array(
      try Data(contentsOf: root.appending(path: "Tests/Fixtures/Hospitals/\(name).csv"))
    )
  }

  static func date(_ iso: String) throws -> CalendarDate {
    try #require(CalendarDate(iso: iso))
  }

  /// A file of one patient with the given further columns.
  static func file(_ cells: [(String, String)], start: String = "2024-01-01") -> [UInt8] {
    let columns = [("mrn", "P1"), ("treatment_start", start)] + cells
    let header = columns.map(\.0).joined(separator: ",")
    let row = columns.map(\.1).joined(separator: ",")
    return Array("\(header)\n\(row)\n".utf8)
  }

  static func read(_ cells: [(String, String)], start: String = "2024-01-01") throws -> ImportFile {
    ImportFile.read(file(cells, start: start), study: try Study.embedded())
  }

  static func read(_ text: String) throws -> ImportFile {
    ImportFile.read(Array(text.utf8), study: try Study.embedded())
  }
}
