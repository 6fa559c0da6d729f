// SPDX-License-Identifier: Apache-2.0
import Foundation
import GRDB
import Replication

/// Applies changesets of one scope: each row is loaded once, changed in memory and stored once,
/// and the digest is brought up to date once.
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
    var id: Int64?
    /// By rising field.
    var cells: [LoadedCell]
  }

  private struct Patient {
    let number: Int64
    /// Whether this writer has just made it, so that it has no rows yet.
    let isFresh: Bool
  }

  private let database: Database
  private let scope: Int64
  /// In order of first use, which is the order in which new ones are stored.
  private var rows: [LoadedRow] = []
  private var indexes: [RowAddress: Int] = [:]
  private var patients: [PatientID: Patient] = [:]
  private var lamport: UInt64 = 0

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

  /// Stores the rows, the digest and the Lamport counter.
  mutating func store() throws {
    let select = try database.cachedStatement(sql: "SELECT digest FROM log_scope WHERE id = ?")
    select.setUncheckedArguments([scope])
    guard let stored = try Data.fetchOne(select), var digest = StateDigest(bytes: stored) else {
      throw RegistryDatabaseError.brokenLog
    }
    var place: [UInt8] = []
    for row in rows {
      place.removeAll(keepingCapacity: true)
      StateDigest.append(row.address, to: &place)
      for cell in row.cells {
        guard let before = cell.before else { continue }
        digest.replace(before.heads, by: cell.register.heads, row: place, field: cell.field)
      }
      try store(row)
    }
    let update = try database.cachedStatement(
      sql: "UPDATE log_scope SET digest = ?, lamport = max(lamport, ?) WHERE id = ?"
    )
    update.setUncheckedArguments([Data(digest.bytes), Int64(clamping: lamport), scope])
    try update.execute()
    rows = []
    indexes = [:]
    patients = [:]
  }

  /// Makes patients that are likely new, and returns the numbers of all of them.
  mutating func introduce(_ introduced: [PatientID]) throws -> [Int64] {
    let insert = try database.cachedStatement(
      sql: "INSERT OR IGNORE INTO head_patient (scope, patient) VALUES (?, ?)"
    )
    return try introduced.map { patient in
      if let known = patients[patient] { return known.number }
      insert.setUncheckedArguments([scope, Data(patient.bytes)])
      try insert.execute()
      guard database.changesCount == 1 else { return try patientNumber(patient) }
      let number = database.lastInsertedRowID
      patients[patient] = Patient(number: number, isFresh: true)
      return number
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
    let absent = LoadedRow(address: address, patient: patient.number, id: nil, cells: [])
    if patient.isFresh { return absent }
    let statement = try database.cachedStatement(
      sql: "SELECT id, heads FROM head_row WHERE patient = ? AND event = ? AND reader = ?"
    )
    statement.setUncheckedArguments([patient.number, address.event, address.reader])
    guard let row = try Row.fetchOne(statement) else { return absent }
    guard let cells = PackedRow.cells(row[1]) else {
      throw RegistryDatabaseError.brokenRow(address)
    }
    return LoadedRow(
      address: address,
      patient: patient.number,
      id: row[0],
      cells: cells.map { LoadedCell(field: $0.field, register: $0.register) }
    )
  }

  /// The number of a patient, made when there is none.
  private mutating func patientNumber(_ patient: PatientID) throws -> Int64 {
    try self.patient(patient).number
  }

  private mutating func patient(_ patient: PatientID) throws -> Patient {
    if let known = patients[patient] { return known }
    let find = try database.cachedStatement(
      sql: "SELECT id FROM head_patient WHERE scope = ? AND patient = ?"
    )
    let key = Data(patient.bytes)
    find.setUncheckedArguments([scope, key])
    let entry: Patient
    if let known = try Int64.fetchOne(find) {
      entry = Patient(number: known, isFresh: false)
    } else {
      let insert = try database.cachedStatement(
        sql: "INSERT INTO head_patient (scope, patient) VALUES (?, ?)"
      )
      insert.setUncheckedArguments([scope, key])
      try insert.execute()
      entry = Patient(number: database.lastInsertedRowID, isFresh: true)
    }
    patients[patient] = entry
    return entry
  }

  private func store(_ row: LoadedRow) throws {
    let hasConflict = row.cells.contains(where: \.register.hasConflict) ? 1 : 0
    let packed = PackedRow.encode(row.cells.map { ($0.field, $0.register) })
    if let id = row.id {
      let update = try database.cachedStatement(
        sql: "UPDATE head_row SET has_conflict = ?, heads = ? WHERE id = ?"
      )
      update.setUncheckedArguments([hasConflict, packed, id])
      try update.execute()
    } else {
      let insert = try database.cachedStatement(
        sql: """
          INSERT INTO head_row (patient, event, reader, has_conflict, heads)
          VALUES (?, ?, ?, ?, ?)
          """
      )
      insert.setUncheckedArguments([
        row.patient, row.address.event, row.address.reader, hasConflict, packed,
      ])
      try insert.execute()
    }
  }
}

extension HeadWriter.LoadedRow {
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
