// SPDX-License-Identifier: Apache-2.0
import Foundation
public import GRDB
public import Replication

extension ReplicaTables {
  /// The heads of one row; empty when nothing was ever written there.
  public func row(_ address: RowAddress, in database: Database) throws -> RowHeads {
    let statement = try database.cachedStatement(
      sql: """
        SELECT heads FROM head_row JOIN head_patient ON head_patient.id = head_row.patient
          JOIN log_scope ON log_scope.id = head_patient.scope
        WHERE log_scope.code = ? AND head_patient.patient = ? AND event = ? AND reader = ?
        """
    )
    statement.setUncheckedArguments([
      scope, Data(address.patient.bytes), address.event, address.reader,
    ])
    guard let packed = try Data.fetchOne(statement) else { return [:] }
    return try unpack(packed, at: address)
  }

  /// All rows of one patient.
  public func rows(of patient: PatientID, in database: Database) throws -> [RowAddress: RowHeads] {
    let statement = try database.cachedStatement(
      sql: """
        SELECT event, reader, heads FROM head_row
          JOIN head_patient ON head_patient.id = head_row.patient
          JOIN log_scope ON log_scope.id = head_patient.scope
        WHERE log_scope.code = ? AND head_patient.patient = ?
        """
    )
    statement.setUncheckedArguments([scope, Data(patient.bytes)])
    var result: [RowAddress: RowHeads] = [:]
    let rows = try Row.fetchCursor(statement)
    while let row = try rows.next() {
      let address = RowAddress(patient: patient, event: row["event"], reader: row["reader"])
      result[address] = try unpack(row["heads"], at: address)
    }
    return result
  }

  /// Every patient with a row, by rising id.
  public func patients(in database: Database) throws -> [PatientID] {
    try Data.fetchAll(
      database,
      sql: """
        SELECT patient FROM head_patient JOIN log_scope ON log_scope.id = head_patient.scope
        WHERE log_scope.code = ?
          AND EXISTS (SELECT 1 FROM head_row WHERE head_row.patient = head_patient.id)
        ORDER BY head_patient.patient
        """,
      arguments: [scope]
    ).map(identifier)
  }

  /// Reads every patient with all its rows, by rising id, one patient in memory at a time.
  public func forEachPatient(
    in database: Database,
    _ body: (PatientID, [RowAddress: RowHeads]) throws -> Void
  ) throws {
    let cursor = try Row.fetchCursor(
      database,
      sql: """
        SELECT head_patient.patient AS patient, event, reader, heads FROM log_scope
          JOIN head_patient ON head_patient.scope = log_scope.id
          JOIN head_row ON head_row.patient = head_patient.id
        WHERE log_scope.code = ? ORDER BY head_patient.patient
        """,
      arguments: [scope]
    )
    var current: PatientID?
    var rows: [RowAddress: RowHeads] = [:]
    while let row = try cursor.next() {
      let patient = try identifier(row["patient"])
      if let last = current, last != patient {
        try body(last, rows)
        rows = [:]
      }
      current = patient
      let address = RowAddress(patient: patient, event: row["event"], reader: row["reader"])
      rows[address] = try unpack(row["heads"], at: address)
    }
    if let current { try body(current, rows) }
  }

  /// The registers of one field that stands at no event, of every patient that has it.
  ///
  /// Only rows whose bytes hold the field's name are unpacked. Where a partial index has the same
  /// condition, as for a site's links, no other row is looked at.
  public func registers(
    of field: String,
    in database: Database
  ) throws -> [PatientID: Register] {
    // Digits alone: the planner matches the condition of an index by its text.
    let name = field.utf8.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    let statement = try database.cachedStatement(
      sql: """
        SELECT head_patient.patient AS patient, heads FROM head_row
          CROSS JOIN head_patient ON head_patient.id = head_row.patient
          CROSS JOIN log_scope ON log_scope.id = head_patient.scope
        WHERE event = '' AND reader = '' AND instr(heads, x'\(name)') > 0 AND log_scope.code = ?
        """
    )
    let cursor = try Row.fetchCursor(statement, arguments: [scope])
    var result: [PatientID: Register] = [:]
    while let row = try cursor.next() {
      let patient = try identifier(row["patient"])
      let address = RowAddress(patient: patient, event: "", reader: "")
      result[patient] = try unpack(row["heads"], at: address)[field]
    }
    return result
  }

  /// Every address with a conflict, in order.
  public func conflicts(in database: Database) throws -> [(Address, Register)] {
    let cursor = try Row.fetchCursor(
      database,
      sql: """
        SELECT head_patient.patient AS patient, event, reader, heads FROM head_row
          JOIN head_patient ON head_patient.id = head_row.patient
          JOIN log_scope ON log_scope.id = head_patient.scope
        WHERE has_conflict = 1 AND log_scope.code = ?
        """,
      arguments: [scope]
    )
    var result: [(Address, Register)] = []
    while let row = try cursor.next() {
      let address = RowAddress(
        patient: try identifier(row["patient"]),
        event: row["event"],
        reader: row["reader"]
      )
      for (field, register) in try unpack(row["heads"], at: address) where register.hasConflict {
        result.append((Address(row: address, field: field), register))
      }
    }
    return result.sorted { $0.0 < $1.0 }
  }

  private func identifier(_ data: Data) throws -> PatientID {
    guard let patient = PatientID(bytes: data) else { throw RegistryDatabaseError.brokenLog }
    return patient
  }

  private func unpack(_ data: Data, at address: RowAddress) throws -> RowHeads {
    guard let heads = PackedRow.decode(data) else {
      throw RegistryDatabaseError.brokenRow(address)
    }
    return heads
  }
}
