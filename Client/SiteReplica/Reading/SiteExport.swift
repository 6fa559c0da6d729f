// SPDX-License-Identifier: Apache-2.0

public import Foundation
import Registry
import Replication

/// The hospital's own record as files, in the columns that `import` takes.
public struct SiteExport: Sendable {
  /// One row a patient, with the settled readings.
  public let patients: Data
  /// One row a patient, event and reader, for readers that are not the settled one.
  public let readings: Data
  /// Every value of the fields in conflict; the other files hold the provisional one.
  public let conflicts: Data
  /// Patients in the files.
  public let patientCount: Int
  /// Readings in the second file.
  public let readingCount: Int
  /// Patients whose identity is not on this device: their rows bear the patient id.
  public let withoutIdentity: Int
  /// Values of fields that this version's dictionary does not know: they are in no file.
  public let unknownValues: Int
}

extension SiteStore {
  /// Writes every patient's record as CSV, and notes it in the audit trail.
  ///
  /// Without the vault it is what leaves the hospital: patient ids, age, days from treatment start.
  /// With it, record numbers, identities and calendar dates: `import` of the first file and then of
  /// the second into an empty store gives the same record. Retracted values are blank.
  ///
  /// - Parameters:
  ///   - vault: The open vault, for identified files; nil for de-identified ones.
  ///   - actor: Who exports, and when.
  /// - Returns: The files.
  /// - Throws: `SiteReplicaError`.
  public func exportRecords(
    vault: Vault?,
    actor: Actor
  ) throws(SiteReplicaError) -> SiteExport {
    let layout = SiteExportLayout(study: study, isIdentified: vault != nil)
    let records = try records(vault: vault).map { layout.row($0) }.sorted { $0.name < $1.name }
    let export = SiteExport(
      patients: layout.patients(records),
      readings: layout.readings(records),
      conflicts: layout.conflicts(records),
      patientCount: records.count,
      readingCount: records.reduce(0) { $0 + $1.readings.count },
      withoutIdentity: vault == nil ? 0 : records.count { !$0.hasIdentity },
      unknownValues: records.reduce(0) { $0 + $1.unknown }
    )
    try write { database in
      var trail = try AuditTrail(database)
      let form = vault == nil ? "de-identified" : "identified"
      try trail.append(
        .exported,
        by: actor,
        details: #"{"form":"\#(form)","patients":\#(records.count)}"#
      )
    }
    return export
  }
}

/// Which cell stands where.
private struct SiteExportLayout {
  let study: Study
  let isIdentified: Bool

  /// A reading that is not the settled one.
  struct Reading {
    let event: String
    let reader: String
    let cells: [String: String]
  }

  /// One patient's cells by column.
  struct Row {
    let name: String
    let hasIdentity: Bool
    var cells: [String: String] = [:]
    var readings: [Reading] = []
    var conflicts: [[String]] = []
    var unknown = 0
  }

  private var nameColumn: String {
    isIdentified ? study.profile.roles.recordNumber : "patient"
  }

  func row(_ record: PatientRecord) -> Row {
    let start = isIdentified && !record.isStartOutdated ? record.identity?.treatmentStart : nil
    let mrn = isIdentified ? record.identity?.mrn : nil
    var row = Row(name: mrn ?? record.patient.description, hasIdentity: mrn != nil)
    if isIdentified, let identity = record.identity {
      for (field, value) in identity.fields { row.cells[field] = ValueText.text(value) }
    }
    row.cells[nameColumn] = row.name
    var readings: [RowAddress: [String: String]] = [:]
    for value in record.values {
      guard let field = value.definition else {
        row.unknown += 1
        continue
      }
      // Import computes the age from the date of birth.
      if isIdentified, field.name == study.profile.roles.age, record.identity?.birthDate != nil {
        continue
      }
      let cell = value.register.value.map { text($0, from: start) } ?? ""
      let place = value.address.row
      if place.reader.isEmpty || place.reader == study.profile.consensus {
        row.cells[study.dictionary.column(field.name, event: place.event)] = cell
      } else {
        readings[place, default: [:]][field.name] = cell
      }
      guard value.register.hasConflict else { continue }
      for head in value.register.heads {
        row.conflicts.append([
          row.name, place.event, place.reader, field.name, text(head.value, from: start),
        ])
      }
    }
    row.readings = readings.sorted { $0.key < $1.key }.map {
      Reading(event: $0.key.event, reader: $0.key.reader, cells: $0.value)
    }
    return row
  }

  /// A value as `import` reads it; blank when it was retracted.
  private func text(_ value: Value, from start: CalendarDate?) -> String {
    switch value {
    case .retracted: ""
    case .day(let day): start?.adding(days: Int(day))?.iso ?? String(day)
    default: ValueText.plain(value)
    }
  }

  func patients(_ rows: [Row]) -> Data {
    var columns = [nameColumn]
    for field in study.dictionary.fields
    where isIdentified || !field.isIdentifying {
      let own = field.events.map { study.dictionary.column(field.name, event: $0) }
      columns += own.filter { $0 != nameColumn }
    }
    let used = Set(rows.flatMap { $0.cells.filter { !$0.value.isEmpty }.keys })
    let start = study.profile.roles.treatmentStart
    columns = columns.filter {
      used.contains($0) || $0 == nameColumn || isIdentified && $0 == start
    }
    return csv([columns] + rows.map { row in columns.map { row.cells[$0] ?? "" } })
  }

  func readings(_ rows: [Row]) -> Data {
    let used = Set(rows.flatMap { $0.readings.flatMap { $0.cells.keys } })
    var columns: [String] = []
    for field in study.dictionary.fields
    where field.hasReaders && used.contains(field.name) && !columns.contains(field.name) {
      columns.append(field.name)
    }
    var lines = [[nameColumn, "event", "reader"] + columns]
    for row in rows {
      for reading in row.readings {
        lines.append(
          [row.name, reading.event, reading.reader] + columns.map { reading.cells[$0] ?? "" }
        )
      }
    }
    return csv(lines)
  }

  func conflicts(_ rows: [Row]) -> Data {
    csv([[nameColumn, "event", "reader", "field", "value"]] + rows.flatMap(\.conflicts))
  }

  private func csv(_ lines: [[String]]) -> Data {
    Data(lines.map { $0.map(cell).joined(separator: ",") + "\n" }.joined().utf8)
  }

  private func cell(_ text: String) -> String {
    guard text.utf8.contains(where: { [0x22, 0x2C, 0x0A, 0x0D].contains($0) }) else { return text }
    return "\"\(text.replacing("\"", with: "\"\""))\""
  }
}
