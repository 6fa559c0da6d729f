// SPDX-License-Identifier: Apache-2.0
import Deidentification
import Foundation
import Registry
import Replication
import Testing

/// Every field of the dictionary against every kind of value.
@Suite struct WireFormTests {
  private static let values: [Value] = [
    .integer(50), .decimal(50), .code("Zhang San"), .boolean(true), .day(50),
    .patient(PatientID(high: 1, low: 1)),
  ]

  @Test func `a field takes the one kind of its type`() throws {
    let study = try Study.embedded()
    let deidentifier = Deidentifier(study: study)
    for field in study.dictionary.fields {
      for event in field.events {
        let taken = Self.values.filter { value in
          (try? deidentifier.write(
            event: event,
            reader: field.hasReaders ? "1" : "",
            field: field.name,
            value: value
          ))
            != nil
        }
        #expect(taken.count <= 1, "\(field.name) takes \(taken.count) kinds")
        #expect(!taken.contains(.code("Zhang San")))
        if field.isIdentifying { #expect(taken.isEmpty) }
      }
    }
  }

  @Test func `the practice hospitals leave whole and without a date or a name`() throws {
    let study = try Study.embedded()
    let deidentifier = Deidentifier(study: study)
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    for name in ["han", "north", "coast", "river", "hill"] {
      let bytes = try Data(contentsOf: root.appending(path: "Fixtures/Hospitals/\(name).csv"))
      for row in ImportFile.read(Array(bytes), study: study).rows {
        let start = try #require(row.date(study.profile.roles.treatmentStart))
        let writes = try deidentifier.writes(
          row.writes,
          treatmentStart: start,
          birthDate: row.date(study.profile.roles.birthDate)
        )
        #expect(writes.count == row.writes.count + 1)
        #expect(writes.allSatisfy { row.identity[$0.field] == nil })
      }
    }
  }

  /// The initialiser's access is what makes this module the only maker.
  @Test func `outgoing changes have no initialiser outside their module`() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let source = root.appending(path: "Sources/Deidentification/DeidentifiedChangeset.swift")
    let text = try String(contentsOf: source, encoding: .utf8)
    let initialisers = text.split(separator: "\n").filter { $0.contains("init(") }
    #expect(initialisers.count == 2)
    #expect(initialisers.allSatisfy { $0.contains("internal init(") })
  }
}
