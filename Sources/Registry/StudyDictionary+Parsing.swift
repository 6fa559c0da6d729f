// SPDX-License-Identifier: Apache-2.0

public import Foundation

extension StudyDictionary {
  /// Reads a dictionary from CSV with the columns of the built-in one.
  ///
  /// - Throws: `RegistryError` naming the row and column that are wrong.
  public static func parse(
    csv: Data,
    id: String,
    version: String
  ) throws(RegistryError) -> StudyDictionary {
    let file = "dictionary.csv"
    let table = try StudyTable.parse(
      Array(csv),
      name: file,
      columns: [
        "name", "record", "event", "type", "unit", "hard_min", "hard_max", "soft_min", "soft_max",
        "choices", "leaves_site", "label",
      ]
    )
    var fields: [FieldDefinition] = []
    for row in table.rows { fields.append(try field(row, table)) }
    let stamp = "\(version).\(fingerprint(Array(csv)))"
    guard let dictionary = StudyDictionary(id: id, version: stamp, fields: fields) else {
      throw .studyFileInvalid(name: file, row: 0, column: "name")
    }
    return dictionary
  }

  private static func field(
    _ row: StudyTable.Row,
    _ table: StudyTable
  ) throws(RegistryError) -> FieldDefinition {
    guard isWord(row["name"]) else { throw table.invalid(row, "name") }
    guard isWord(row["record"]) else { throw table.invalid(row, "record") }
    guard let type = FieldType(rawValue: row["type"]) else { throw table.invalid(row, "type") }
    guard let disclosure = Disclosure(rawValue: row["leaves_site"]) else {
      throw table.invalid(row, "leaves_site")
    }
    let choices = row.list("choices")
    guard choices.isEmpty == (type != .choice) else { throw table.invalid(row, "choices") }
    if type == .text, disclosure != .never { throw table.invalid(row, "leaves_site") }
    if type == .date, disclosure == .asIs { throw table.invalid(row, "leaves_site") }
    if type != .date, disclosure == .asDayOffset { throw table.invalid(row, "leaves_site") }
    let events = row.list("event")
    return FieldDefinition(
      name: row["name"],
      record: row["record"],
      events: events.isEmpty ? [""] : events,
      type: type,
      unit: row["unit"],
      hard: try table.range(row, "hard_min", "hard_max"),
      soft: try table.range(row, "soft_min", "soft_max"),
      choices: choices,
      disclosure: disclosure,
      label: row["label"]
    )
  }

  private static func isWord(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.count <= 64
      && text.utf8.allSatisfy {
        (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5F
      }
  }

  /// FNV-1a over the file: tells versions apart, protects nothing.
  private static func fingerprint(_ bytes: [UInt8]) -> String {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    let digits = String(hash, radix: 16)
    return String((String(repeating: "0", count: 16 - digits.count) + digits).prefix(8))
  }
}
