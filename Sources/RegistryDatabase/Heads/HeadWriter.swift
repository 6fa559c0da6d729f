// SPDX-License-Identifier: Apache-2.0
import Foundation
import GRDB
import Replication

/// Applies changesets of one scope: each row is loaded, changed and stored once, one at a time.
///
/// Rows do not depend on each other, so the changesets are sorted by row first, and no more than one
/// row's heads are in memory.
struct HeadWriter {
  /// One field of the row at hand.
  private struct Cell {
    let field: String
    var register: Register
    /// The register as it was loaded, once the field is written.
    var before: Register?
  }

  /// The writes of one changeset to one row, which stand side by side.
  private struct Span {
    let changeset: Int
    let writes: Range<Int>
    /// The row's next span.
    var next: Int?
  }

  private struct Row {
    let address: RowAddress
    let first: Int
    var last: Int
  }

  private static let selectRow =
    "SELECT heads FROM head_row WHERE patient = ? AND event = ? AND reader = ?"
  private static let storeRow = """
    INSERT INTO head_row (patient, event, reader, has_conflict, heads) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET has_conflict = excluded.has_conflict, heads = excluded.heads
    """

  private let database: Database
  private let numbers: PatientNumbers
  private var changesets: [Changeset] = []
  private var spans: [Span] = []
  /// In order of first use, which is the order in which new ones are stored.
  private var rows: [Row] = []
  private var indexes: [RowAddress: Int] = [:]
  private var patients: [PatientID: PatientNumbers.Entry] = [:]
  /// The patients that the changesets at hand mark as erased.
  private var marked: Set<PatientID> = []
  /// The patients whose first mark of erasure was stored last.
  private(set) var newlyErased: Set<PatientID> = []
  /// Whether writes of erased patients were dropped by the last storing.
  private(set) var hasDropped = false
  /// The greatest Lamport counter that was applied.
  private(set) var lamport: UInt64 = 0

  init(scope: Int64, database: Database) {
    numbers = PatientNumbers(scope: scope, database: database)
    self.database = database
  }

  /// Takes in one changeset, to be applied after those before it.
  mutating func apply(_ changeset: Changeset) {
    lamport = max(lamport, changeset.lamport)
    var start = 0
    while start < changeset.writes.count {
      let address = changeset.writes[start].address.row
      var end = start + 1
      while end < changeset.writes.count, changeset.writes[end].address.row == address { end += 1 }
      for write in changeset.writes[start..<end] where write.value == .erased {
        marked.insert(address.patient)
      }
      let span = spans.count
      spans.append(Span(changeset: changesets.count, writes: start..<end))
      if let row = indexes[address] {
        spans[rows[row].last].next = span
        rows[row].last = span
      } else {
        indexes[address] = rows.count
        rows.append(Row(address: address, first: span, last: span))
      }
      start = end
    }
    changesets.append(changeset)
  }

  /// Stores the rows; what the digest gains by them is the caller's to keep.
  mutating func store() throws -> DigestChange {
    var change = DigestChange()
    indexes = [:]
    (newlyErased, hasDropped) = ([], false)
    for patient in marked.sorted() { try erase(patient, &change) }
    marked = []
    for row in rows {
      let patient = try patient(row.address.patient)
      if patient.isErased {
        hasDropped = hasDropped || hasValues(row)
        continue
      }
      var cells = patient.isFresh ? [] : try load(row.address, of: patient)
      apply(row, to: &cells)
      change.add(
        Self.difference(cells, at: row.address),
        to: StateDigest.bucket(of: row.address.patient)
      )
      try store(cells.map { ($0.field, $0.register) }, at: row.address, of: patient)
    }
    rows = []
    spans = []
    changesets = []
    patients = [:]
    return change
  }

  /// Makes patients that are likely new, and returns all of them.
  mutating func introduce(_ introduced: [PatientID]) throws -> [PatientNumbers.Entry] {
    let entries = try numbers.introduce(introduced)
    for (patient, entry) in zip(introduced, entries)
    where entry.isFresh || patients[patient] == nil {
      patients[patient] = entry
    }
    return entries
  }

  /// Learns who patients are, so that they are not looked up again.
  mutating func learn(_ known: [PatientID: PatientNumbers.Entry]) {
    patients.merge(known) { present, _ in present }
  }

  private func load(_ address: RowAddress, of patient: PatientNumbers.Entry) throws -> [Cell] {
    let stored = try DirectStatement(Self.selectRow, in: database).first(
      .integer(patient.number),
      .text(address.event),
      .text(address.reader)
    ) { $0.bytes(0) }
    guard let stored else { return [] }
    guard let cells = PackedRow.cells(stored) else {
      throw RegistryDatabaseError.brokenRow(address)
    }
    return cells.map { Cell(field: $0.field, register: $0.register) }
  }

  private func store(
    _ cells: [PackedRow.Cell],
    at address: RowAddress,
    of patient: PatientNumbers.Entry
  ) throws {
    try DirectStatement(Self.storeRow, in: database).run(
      .integer(patient.number),
      .text(address.event),
      .text(address.reader),
      .integer(cells.contains(where: \.register.hasConflict) ? 1 : 0),
      .bytes(PackedRow.encode(cells))
    )
  }

  private mutating func patient(_ patient: PatientID) throws -> PatientNumbers.Entry {
    if let known = patients[patient] { return known }
    let entry = try numbers.findOrMake(patient)
    patients[patient] = entry
    return entry
  }
}

extension HeadWriter {
  private static let selectRows = "SELECT event, reader, heads FROM head_row WHERE patient = ?"
  private static let deleteRows = "DELETE FROM head_row WHERE patient = ?"
  private static let setErased = "UPDATE head_patient SET is_erased = 1 WHERE id = ?"

  /// Takes all heads of a patient away, for good.
  private mutating func erase(_ id: PatientID, _ change: inout DigestChange) throws {
    let patient = try patient(id)
    if patient.isErased { return }
    try DirectStatement(Self.selectRows, in: database).forEach(.integer(patient.number)) { row in
      let address = RowAddress(patient: id, event: row.text(0), reader: row.text(1))
      guard let cells = PackedRow.cells(row.bytes(2)) else {
        throw RegistryDatabaseError.brokenRow(address)
      }
      let place = StateDigest.bytes(of: address)
      for (field, register) in cells {
        change.add(
          StateDigest.difference(register.heads, [], row: place, field: field),
          to: StateDigest.bucket(of: id)
        )
      }
    }
    try DirectStatement(Self.deleteRows, in: database).run(.integer(patient.number))
    try DirectStatement(Self.setErased, in: database).run(.integer(patient.number))
    patients[id]?.isErased = true
    newlyErased.insert(id)
  }

  /// Whether a row has writes other than marks of erasure.
  private func hasValues(_ row: Row) -> Bool {
    var next: Int? = row.first
    while let index = next {
      let span = spans[index]
      let writes = changesets[span.changeset].writes[span.writes]
      if writes.contains(where: { $0.value != .erased }) { return true }
      next = span.next
    }
    return false
  }

  /// Applies a row's writes in their order; cells stay in the order of fields.
  private func apply(_ row: Row, to cells: inout [Cell]) {
    var next: Int? = row.first
    while let index = next {
      let span = spans[index]
      let changeset = changesets[span.changeset]
      var place = 0
      for write in changeset.writes[span.writes] {
        let field = write.address.field
        while place < cells.count, cells[place].field < field { place += 1 }
        if place == cells.count || cells[place].field != field {
          cells.insert(Cell(field: field, register: Register()), at: place)
        }
        if cells[place].before == nil { cells[place].before = cells[place].register }
        cells[place].register.apply(
          value: write.value,
          dot: changeset.dot,
          lamport: changeset.lamport,
          context: changeset.context
        )
        place += 1
      }
      next = span.next
    }
  }

  /// What the digest gains by the fields of a row that were written.
  private static func difference(_ cells: [Cell], at address: RowAddress) -> UInt128 {
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
}
