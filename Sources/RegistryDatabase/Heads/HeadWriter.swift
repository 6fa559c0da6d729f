// SPDX-License-Identifier: Apache-2.0
import Foundation
import GRDB
import Replication

/// Applies changesets of one scope: each row is loaded once, changed in memory and stored once,
/// and the digest is brought up to date once.
struct HeadWriter {
  fileprivate struct LoadedRow {
    var id: Int64?
    var heads: RowHeads
    /// The registers as they were loaded, for the fields that were written.
    var before: RowHeads = [:]
  }

  private let database: Database
  private let scope: Int64
  private var rows: [RowAddress: LoadedRow] = [:]
  private var patients: [PatientID: Int64] = [:]
  private var lamport: UInt64 = 0

  init(scope: Int64, database: Database) {
    self.scope = scope
    self.database = database
  }

  /// Applies one changeset in memory.
  mutating func apply(_ changeset: Changeset) throws {
    lamport = max(lamport, changeset.lamport)
    for write in changeset.writes {
      let address = write.address.row
      if rows[address] == nil { rows[address] = try load(address) }
      rows[address]?.apply(write, of: changeset)
    }
  }

  /// Stores the rows, the digest and the Lamport counter.
  mutating func store() throws {
    guard
      let stored = try Data.fetchOne(
        database,
        sql: "SELECT digest FROM log_scope WHERE id = ?",
        arguments: [scope]
      ),
      var digest = StateDigest(bytes: stored)
    else { throw RegistryDatabaseError.brokenLog }
    for (address, row) in rows {
      for (field, before) in row.before {
        digest.replace(
          before,
          by: row.heads[field] ?? Register(),
          at: Address(row: address, field: field)
        )
      }
      try store(row, at: address)
    }
    try database.execute(
      sql: "UPDATE log_scope SET digest = ?, lamport = max(lamport, ?) WHERE id = ?",
      arguments: [Data(digest.bytes), Int64(clamping: lamport), scope]
    )
    rows = [:]
  }

  private mutating func load(_ address: RowAddress) throws -> LoadedRow {
    let patient = try patientNumber(address.patient)
    let statement = try database.cachedStatement(
      sql: "SELECT id, heads FROM head_row WHERE patient = ? AND event = ? AND reader = ?"
    )
    statement.setUncheckedArguments([patient, address.event, address.reader])
    guard let row = try Row.fetchOne(statement) else { return LoadedRow(id: nil, heads: [:]) }
    guard let heads = PackedRow.decode(row["heads"]) else {
      throw RegistryDatabaseError.brokenRow(address)
    }
    return LoadedRow(id: row["id"], heads: heads)
  }

  private mutating func patientNumber(_ patient: PatientID) throws -> Int64 {
    if let known = patients[patient] { return known }
    let key = Data(patient.bytes)
    let find = try database.cachedStatement(
      sql: "SELECT id FROM head_patient WHERE scope = ? AND patient = ?"
    )
    find.setUncheckedArguments([scope, key])
    let number: Int64
    if let known = try Int64.fetchOne(find) {
      number = known
    } else {
      let insert = try database.cachedStatement(
        sql: "INSERT INTO head_patient (scope, patient) VALUES (?, ?)"
      )
      insert.setUncheckedArguments([scope, key])
      try insert.execute()
      number = database.lastInsertedRowID
    }
    patients[patient] = number
    return number
  }

  private mutating func store(_ row: LoadedRow, at address: RowAddress) throws {
    let hasConflict = row.heads.values.contains(where: \.hasConflict)
    let packed = PackedRow.encode(row.heads)
    if let id = row.id {
      let update = try database.cachedStatement(
        sql: "UPDATE head_row SET has_conflict = ?, heads = ? WHERE id = ?"
      )
      update.setUncheckedArguments([hasConflict ? 1 : 0, packed, id])
      try update.execute()
    } else {
      let insert = try database.cachedStatement(
        sql: """
          INSERT INTO head_row (patient, event, reader, has_conflict, heads)
          VALUES (?, ?, ?, ?, ?)
          """
      )
      insert.setUncheckedArguments([
        try patientNumber(address.patient), address.event, address.reader, hasConflict ? 1 : 0,
        packed,
      ])
      try insert.execute()
    }
  }
}

extension HeadWriter.LoadedRow {
  fileprivate mutating func apply(_ write: FieldWrite, of changeset: Changeset) {
    let field = write.address.field
    if before[field] == nil { before[field] = heads[field] ?? Register() }
    heads[field, default: Register()].apply(
      value: write.value,
      dot: changeset.dot,
      lamport: changeset.lamport,
      context: changeset.context
    )
  }
}
