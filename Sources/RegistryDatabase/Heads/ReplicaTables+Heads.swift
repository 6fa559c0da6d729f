// SPDX-License-Identifier: Apache-2.0
import Foundation
public import GRDB
public import Replication

extension ReplicaTables {
  private static let selectRow = """
    SELECT heads FROM log_scope JOIN head_row ON head_row.patient = \(PatientNumbers.ofPatient)
    WHERE log_scope.code = ?1 AND event = ?3 AND reader = ?4
    """
  private static let selectRows = """
    SELECT event, reader, heads FROM log_scope
      JOIN head_row ON head_row.patient = \(PatientNumbers.ofPatient)
    WHERE log_scope.code = ?1
    """
  /// Both tables are in the order of patients, so that SQLite merges them as it reads.
  private static let selectPatients = """
    SELECT patient, id FROM head_patient_recent
    WHERE scope = (SELECT id FROM log_scope WHERE code = ?1)
    UNION ALL
    SELECT patient, id FROM head_patient_settled
    WHERE scope = (SELECT id FROM log_scope WHERE code = ?1)
    ORDER BY patient
    """
  private static let selectRowsOfNumber =
    "SELECT event, reader, heads FROM head_row WHERE patient = ?"
  private static let selectAnyRow = "SELECT 1 FROM head_row WHERE patient = ? LIMIT 1"
  /// From the index of conflicts on, and not from all patients: every sync asks.
  private static let selectConflicts = """
    SELECT head_patient.patient, event, reader, heads FROM head_row INDEXED BY head_row_conflict
      CROSS JOIN head_patient ON head_patient.id = head_row.patient
      CROSS JOIN log_scope ON log_scope.id = head_patient.scope
    WHERE has_conflict = 1 AND log_scope.code = ?
    """

  /// The heads of one row; empty when nothing was ever written there.
  public func row(_ address: RowAddress, in database: Database) throws -> RowHeads {
    let packed = try DirectStatement(Self.selectRow, in: database).first(
      .text(scope),
      .identifier(address.patient),
      .text(address.event),
      .text(address.reader)
    ) { $0.bytes(0) }
    return try packed.map { try unpack($0, at: address) } ?? [:]
  }

  /// All rows of one patient.
  public func rows(of patient: PatientID, in database: Database) throws -> [RowAddress: RowHeads] {
    var result: [RowAddress: RowHeads] = [:]
    let statement = try DirectStatement(Self.selectRows, in: database)
    try statement.forEach(.text(scope), .identifier(patient)) { row in
      let address = RowAddress(patient: patient, event: row.text(0), reader: row.text(1))
      result[address] = try unpack(row.bytes(2), at: address)
    }
    return result
  }

  /// Every patient with a row, by rising id.
  public func patients(in database: Database) throws -> [PatientID] {
    let selectAny = try DirectStatement(Self.selectAnyRow, in: database)
    var result: [PatientID] = []
    try forEachNumber(in: database) { patient, number in
      if try selectAny.first(.integer(number), read: { _ in true }) != nil {
        result.append(patient)
      }
    }
    return result
  }

  /// Reads every patient with all its rows, by rising id, one patient in memory at a time.
  public func forEachPatient(
    in database: Database,
    _ body: (PatientID, [RowAddress: RowHeads]) throws -> Void
  ) throws {
    try forEachNumber(in: database) { patient, number in
      let select = try DirectStatement(Self.selectRowsOfNumber, in: database)
      var rows: [RowAddress: RowHeads] = [:]
      try select.forEach(.integer(number)) { row in
        let address = RowAddress(patient: patient, event: row.text(0), reader: row.text(1))
        rows[address] = try unpack(row.bytes(2), at: address)
      }
      if !rows.isEmpty { try body(patient, rows) }
    }
  }

  private func forEachNumber(
    in database: Database,
    _ body: (PatientID, Int64) throws -> Void
  ) throws {
    try DirectStatement(Self.selectPatients, in: database).forEach(.text(scope)) { row in
      guard let patient = row.identifier(0) as PatientID? else {
        throw RegistryDatabaseError.brokenLog
      }
      try body(patient, row.integer(1))
    }
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
    let name = hexadecimal(field.utf8)
    let statement = try DirectStatement(
      """
      SELECT head_patient.patient, event, reader, heads FROM head_row
        CROSS JOIN head_patient ON head_patient.id = head_row.patient
        CROSS JOIN log_scope ON log_scope.id = head_patient.scope
      WHERE event = '' AND reader = '' AND instr(heads, x'\(name)') > 0 AND log_scope.code = ?
      """,
      in: database
    )
    var result: [PatientID: Register] = [:]
    try statement.forEach(.text(scope)) { row in
      let address = try self.address(row)
      result[address.patient] = try unpack(row.bytes(3), at: address)[field]
    }
    return result
  }

  /// Every address with a conflict, in order.
  public func conflicts(in database: Database) throws -> [(Address, Register)] {
    var result: [(Address, Register)] = []
    try DirectStatement(Self.selectConflicts, in: database).forEach(.text(scope)) { row in
      let address = try self.address(row)
      for (field, register) in try unpack(row.bytes(3), at: address) where register.hasConflict {
        result.append((Address(row: address, field: field), register))
      }
    }
    return result.sorted { $0.0 < $1.0 }
  }

  /// The address in a row's first three columns.
  private func address(_ row: DirectRow) throws -> RowAddress {
    guard let patient = row.identifier(0) as PatientID? else {
      throw RegistryDatabaseError.brokenLog
    }
    return RowAddress(patient: patient, event: row.text(1), reader: row.text(2))
  }

  private func unpack(_ bytes: [UInt8], at address: RowAddress) throws -> RowHeads {
    guard let heads = PackedRow.decode(bytes) else {
      throw RegistryDatabaseError.brokenRow(address)
    }
    return heads
  }
}
