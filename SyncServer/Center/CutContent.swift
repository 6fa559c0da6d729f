// SPDX-License-Identifier: Apache-2.0

import Foundation
import Registry
import Replication
import SyncProtocol

/// The bytes of a data cut: one line of canonical JSON a patient.
///
/// A value is an array of its kind and its text, so that nothing depends on how a reader of JSON
/// takes numbers: `["decimal","1.085"]`. Decimals are written shortest and read back to the bit.
enum CutContent {
  /// The most bytes of one row.
  private static let rowLimitBytes = 1 << 20

  /// Writes the rows in their order.
  static func encode(_ rows: [AnalysisRow]) -> Data {
    var content = Data()
    for row in rows {
      var members: [String: StrictJSON] = [
        "conflict": .boolean(row.hasConflict),
        "implausible": .array(row.implausibleColumns.map { .string($0) }),
        "patient": .string(row.patient),
        "site": .string(row.site),
        "values": json(row.values),
      ]
      if let columns = row.everInConflict {
        members["ever_in_conflict"] = .array(columns.map { .string($0) })
      }
      if !row.readings.isEmpty {
        members["readings"] = .object(row.readings.mapValues { json($0) })
      }
      let line = StrictJSON.object(members)
      content.append(contentsOf: line.canonicalText.utf8)
      content.append(0x0A)
    }
    return content
  }

  /// Reads the rows of a cut.
  ///
  /// - Throws: `CenterError.cutDamaged` when the bytes are not those of a cut.
  static func decode(_ content: Data, cut: String) throws(CenterError) -> [AnalysisRow] {
    var rows: [AnalysisRow] = []
    for line in content.split(separator: 0x0A) {
      guard
        let json = try? StrictJSON.parse(Data(line), maximumBytes: rowLimitBytes),
        let members = json.object(
          required: ["conflict", "implausible", "patient", "site", "values"],
          optional: ["ever_in_conflict", "readings"]
        ),
        case .boolean(let hasConflict) = members["conflict"],
        let implausible = members["implausible"]?.elements?.compactMap(\.text),
        let patient = members["patient"]?.text,
        let site = members["site"]?.text,
        let values = members["values"].flatMap(values),
        let readings = readings(members["readings"])
      else { throw .cutDamaged(cut) }
      rows.append(
        AnalysisRow(
          patient: patient,
          site: site,
          hasConflict: hasConflict,
          everInConflict: members["ever_in_conflict"]?.elements?.compactMap(\.text),
          implausibleColumns: implausible,
          values: values,
          readings: readings
        )
      )
    }
    return rows
  }

  private static func json(_ values: [String: Value]) -> StrictJSON {
    .object(values.mapValues { .array(parts($0).map { .string($0) }) })
  }

  private static func values(_ json: StrictJSON) -> [String: Value]? {
    guard case .object(let listed) = json else { return nil }
    var values: [String: Value] = [:]
    for (column, parts) in listed {
      guard let value = value(parts.elements?.compactMap(\.text) ?? []) else { return nil }
      values[column] = value
    }
    return values
  }

  private static func readings(_ json: StrictJSON?) -> [String: [String: Value]]? {
    guard let json else { return [:] }
    guard case .object(let listed) = json else { return nil }
    var readings: [String: [String: Value]] = [:]
    for (reader, content) in listed {
      guard let own = values(content) else { return nil }
      readings[reader] = own
    }
    return readings
  }

  private static func parts(_ value: Value) -> [String] {
    switch value {
    case .integer(let number): ["integer", String(number)]
    case .decimal(let number): ["decimal", "\(number)"]
    case .code(let code): ["code", code]
    case .boolean(let isTrue): ["boolean", isTrue ? "true" : "false"]
    case .day(let day): ["day", String(day)]
    case .patient(let patient): ["patient", patient.description]
    case .missing(let reason): ["missing", reason.rawValue]
    case .retracted: ["retracted"]
    case .erased: ["erased"]
    }
  }

  private static func value(_ parts: [String]) -> Value? {
    if parts == ["retracted"] { return .retracted }
    guard parts.count == 2 else { return nil }
    switch parts[0] {
    case "integer": return Int64(parts[1]).map { .integer($0) }
    case "decimal": return Double(parts[1]).map { .decimal($0) }
    case "code": return .code(parts[1])
    case "boolean": return Bool(parts[1]).map { .boolean($0) }
    case "day": return Int32(parts[1]).map { .day($0) }
    case "patient": return PatientID(hex: parts[1]).map { .patient($0) }
    case "missing": return MissingReason(rawValue: parts[1]).map { .missing($0) }
    default: return nil
    }
  }
}
