// SPDX-License-Identifier: Apache-2.0
import Foundation
import GRDB
import Replication

/// Applies changesets of one scope: each row is loaded once, changed in memory and stored once.
struct HeadWriter {
  fileprivate struct LoadedCell {
    let field: String
    var register: Register
    /// The register as it was loaded, once the field is written.
    var before: Register?
  }

  fileprivate struct LoadedRow {
    let address: RowAddress
    let patient: Int64
    /// By rising field.
    var cells: [LoadedCell]
  }

  private struct Patient {
    let number: Int64
    /// Whether this writer has just made it, so that it has no rows yet.
    let isFresh: Bool
  }

  private static let findPatient = "SELECT id FROM head_patient WHERE scope = ? AND patient = ?"
  private static let insertPatient =
    "INSERT INTO head_patient (scope, patient) VALUES (?, ?) ON CONFLICT DO NOTHING"
  private static let selectRow =
    "SELECT heads FROM head_row WHERE patient = ? AND event = ? AND reader = ?"
  private static let storeRow = """
    INSERT INTO head_row (patient, event, reader, has_conflict, heads) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET has_conflict = excluded.has_conflict, heads = excluded.heads
    """

  private let database: Database
  private let scope: Int64
  /// In order of first use, which is the order in which new ones are stored.
  private var rows: [LoadedRow] = []
  private var indexes: [RowAddress: Int] = [:]
  private var patients: [PatientID: Patient] = [:]
  /// The greatest Lamport counter that was applied.
  private(set) var lamport: UInt64 = 0

  init(scope: Int64, database: Database) {
    self.scope = scope
    self.database = database
  }

  /// Applies one changeset in memory.
  mutating func apply(_ changeset: Changeset) throws {
    lamport = max(lamport, changeset.lamport)
    var current = -1
    var hint = 0
    for write in changeset.writes {
      if current < 0 || rows[current].address != write.address.row {
        current = try index(write.address.row)
        hint = 0
      }
      hint = rows[current].apply(write, of: changeset, from: hint)
    }
  }

  /// Stores the rows; what the digest gains by them is the caller's to keep.
  mutating func store() throws -> DigestChange {
    var change = DigestChange()
    let statement = try DirectStatement(Self.storeRow, in: database)
    for row in rows {
      change.add(row.difference, to: StateDigest.bucket(of: row.address.patient))
      let cells = row.cells.map { (field: $0.field, register: $0.register) }
      try statement.run(
        .integer(row.patient),
        .text(row.address.event),
        .text(row.address.reader),
        .integer(cells.contains(where: \.register.hasConflict) ? 1 : 0),
        .bytes(PackedRow.encode(cells))
      )
    }
    rows = []
    indexes = [:]
    patients = [:]
    return change
  }

  /// Makes patients that are likely new, and returns the numbers of all of them.
  mutating func introduce(_ introduced: [PatientID]) throws -> [Int64] {
    try introduced.map { patient in
      if let known = patients[patient] { return known.number }
      if let number = try insert(patient) {
        patients[patient] = Patient(number: number, isFresh: true)
        return number
      }
      return try self.patient(patient).number
    }
  }

  private mutating func index(_ address: RowAddress) throws -> Int {
    if let known = indexes[address] { return known }
    let row = try load(address)
    rows.append(row)
    indexes[address] = rows.count - 1
    return rows.count - 1
  }

  private mutating func load(_ address: RowAddress) throws -> LoadedRow {
    let patient = try patient(address.patient)
    let stored: [UInt8]? =
      patient.isFresh
      ? nil
      : try DirectStatement(Self.selectRow, in: database).first(
        .integer(patient.number),
        .text(address.event),
        .text(address.reader)
      ) { $0.bytes(0) }
    guard let stored else {
      return LoadedRow(address: address, patient: patient.number, cells: [])
    }
    guard let cells = PackedRow.cells(stored) else {
      throw RegistryDatabaseError.brokenRow(address)
    }
    return LoadedRow(
      address: address,
      patient: patient.number,
      cells: cells.map { LoadedCell(field: $0.field, register: $0.register) }
    )
  }

  private mutating func patient(_ patient: PatientID) throws -> Patient {
    if let known = patients[patient] { return known }
    let found = try DirectStatement(Self.findPatient, in: database).first(
      .integer(scope),
      .identifier(patient)
    ) { $0.integer(0) }
    let entry: Patient
    if let found {
      entry = Patient(number: found, isFresh: false)
    } else if let made = try insert(patient) {
      entry = Patient(number: made, isFresh: true)
    } else {
      throw RegistryDatabaseError.brokenLog
    }
    patients[patient] = entry
    return entry
  }

  /// Makes a patient; nil when it was there.
  private func insert(_ patient: PatientID) throws -> Int64? {
    let statement = try DirectStatement(Self.insertPatient, in: database)
    try statement.run(.integer(scope), .identifier(patient))
    return database.changesCount == 1 ? database.lastInsertedRowID : nil
  }
}

extension HeadWriter.LoadedRow {
  /// What the digest gains by the fields that were written.
  fileprivate var difference: UInt128 {
    let place = StateDigest.bytes(of: address)
    return cells.reduce(into: 0) { sum, cell in
      guard let before = cell.before else { return }
      sum &+= StateDigest.difference(
        before.heads,
        cell.register.heads,
        row: place,
        field: cell.field
      )
    }
  }

  /// Applies a write, looking for its field from a place on; returns the place after it.
  fileprivate mutating func apply(
    _ write: FieldWrite,
    of changeset: Changeset,
    from hint: Int
  ) -> Int {
    let field = write.address.field
    var index = hint
    while index < cells.count, cells[index].field < field { index += 1 }
    if index == cells.count || cells[index].field != field {
      cells.insert(HeadWriter.LoadedCell(field: field, register: Register()), at: index)
    }
    if cells[index].before == nil { cells[index].before = cells[index].register }
    cells[index].register.apply(
      value: write.value,
      dot: changeset.dot,
      lamport: changeset.lamport,
      context: changeset.context
    )
    return index + 1
  }
}
