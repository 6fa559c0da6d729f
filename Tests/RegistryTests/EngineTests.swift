// SPDX-License-Identifier: Apache-2.0
import Foundation
import Registry
import Testing

/// The engine knows no field by name: all of it is in the study's files.
@Suite struct EngineTests {
  /// The names that stand in the code, and why.
  ///
  /// Problem codes and a property of the published contract speak of the record number and of
  /// treatment start; `name` heads a column of the dictionary itself; one reason code reads like the
  /// field whose change it explains.
  private static let allowed: [String: [String]] = [
    "ChangeReason.swift": ["consent_withdrawn"],
    "Problem.swift": ["mrn", "treatment_start"],
    "StudyTable.swift": ["name"],
    "StudyDictionary+Parsing.swift": ["name"],
    "Study+Loading.swift": ["name"],
  ]

  @Test(arguments: ["Sources/Registry", "Sources/Deidentification"])
  func `no field of the dictionary is named in the engine`(folder: String) throws {
    let study = try Study.embedded()
    let names = Set(study.dictionary.fields.map(\.name) + study.derived.map(\.name))
    let base = Fixtures.root.appending(path: folder)
    let files = try FileManager.default.contentsOfDirectory(atPath: base.path)
      .filter { $0.hasSuffix(".swift") }
    #expect(!files.isEmpty)
    for file in files {
      let text = try String(contentsOf: base.appending(path: file), encoding: .utf8)
      let allowed = Set(Self.allowed[file] ?? [])
      for name in names.subtracting(allowed).sorted() where Self.stands(name, in: text) {
        Issue.record("\(folder)/\(file) names \(name)")
      }
    }
  }

  @Test func `the search finds a planted name`() {
    #expect(Self.stands("adc_mean", in: "let x = row[\"adc_mean_week8\"]"))
    #expect(Self.stands("sex", in: "let x = row[\"sex\"]"))
    #expect(!Self.stands("sex", in: "let sex = 1"))
  }

  /// A name with an underscore anywhere, any other name as a whole literal.
  private static func stands(_ name: String, in text: String) -> Bool {
    text.contains(name.contains("_") ? name : "\"\(name)\"")
  }
}
