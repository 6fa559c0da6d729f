// SPDX-License-Identifier: Apache-2.0
import GRDB
import Replication

/// The patients that an author's batches introduced, numbered from 0 along its chain.
///
/// A batch's new patients get rising numbers in `head_patient` too, so that a run of them is one
/// row. Runs of patients whom nobody had introduced before share no patient, and the one that ends
/// nearest before a patient's number is found in their index.
struct Introductions {
  private struct Run {
    let number: Int64
    let patient: Int64
    var count: Int64
    var isFirst: Bool

    /// Whether a patient is in it.
    func holds(_ other: Int64) -> Bool { other >= patient && other - patient < count }
  }

  private static let selectByNumber = """
    SELECT number, patient, count FROM log_introduction
    WHERE replica = ? AND number <= ? ORDER BY number DESC LIMIT 1
    """
  private static let selectFirst = """
    SELECT replica, number, patient, count FROM log_introduction
    WHERE is_first = 1 AND patient <= ? ORDER BY patient DESC LIMIT 1
    """
  private static let selectRepeatedOf = """
    SELECT replica, number FROM log_introduction WHERE is_first = 0 AND patient = ?
    """
  private static let insert = """
    INSERT INTO log_introduction (replica, number, patient, count, is_first)
    VALUES (?, ?, ?, ?, ?)
    """
  private static let deleteFrom = "DELETE FROM log_introduction WHERE replica = ? AND number >= ?"
  private static let selectRepeated =
    "SELECT replica, number, patient FROM log_introduction WHERE is_first = 0"
  private static let makeFirst =
    "UPDATE log_introduction SET is_first = 1 WHERE replica = ? AND number = ?"

  private let author: Int64
  private let database: Database

  init(of author: LogReplica, in database: Database) {
    self.author = author.id
    self.database = database
  }

  /// Who introduced a patient first, by rows of `log_replica` and `head_patient`; nil when nobody
  /// did.
  static func first(
    of patient: Int64,
    in database: Database
  ) throws -> (author: Int64, number: UInt64)? {
    let select = try DirectStatement(selectFirst, in: database)
    return try select.first(.integer(patient)) { row in
      let offset = patient - row.integer(2)
      guard offset < row.integer(3) else { return nil }
      return (row.integer(0), UInt64(clamping: row.integer(1) + offset))
    } ?? nil
  }

  /// Who introduced a patient, each by its own number.
  static func all(
    of patient: Int64,
    in database: Database
  ) throws -> [(author: Int64, number: UInt64)] {
    var result = try first(of: patient, in: database).map { [$0] } ?? []
    // Runs of patients who were introduced before have one patient each.
    try DirectStatement(selectRepeatedOf, in: database).forEach(.integer(patient)) { row in
      result.append((row.integer(0), row.number(1) ?? 0))
    }
    return result
  }

  /// The row of the patient with a number; nil when the author introduced fewer.
  func patient(_ number: UInt64) throws -> Int64? {
    let select = try DirectStatement(Self.selectByNumber, in: database)
    return try select.first(.integer(author), .number(number)) { row in
      let offset = Int64(clamping: number) - row.integer(0)
      return offset < row.integer(2) ? row.integer(1) + offset : nil
    } ?? nil
  }

  /// Adds a batch's patients, of whom the first gets a number.
  func add(_ entries: [PatientNumbers.Entry], from number: Int64) throws {
    var open: Run?
    for (offset, entry) in entries.enumerated() {
      let isFirst = try entry.isFresh || !isIntroduced(entry.number, open)
      if isFirst, let run = open, run.isFirst, entry.number == run.patient + run.count {
        open?.count += 1
        continue
      }
      if let run = open { try store(run) }
      open = Run(
        number: number + Int64(offset),
        patient: entry.number,
        count: 1,
        isFirst: isFirst
      )
    }
    if let open { try store(open) }
  }

  /// Forgets the patients from a number on, as their batches leave the log.
  ///
  /// Who of the other authors introduced them as well is then the first.
  func remove(from number: Int64) throws {
    try DirectStatement(Self.deleteFrom, in: database).run(.integer(author), .integer(number))
    var repeated: [(author: Int64, number: Int64, patient: Int64)] = []
    try DirectStatement(Self.selectRepeated, in: database).forEach { row in
      repeated.append((row.integer(0), row.integer(1), row.integer(2)))
    }
    for entry in repeated where try Self.first(of: entry.patient, in: database) == nil {
      try DirectStatement(Self.makeFirst, in: database).run(
        .integer(entry.author),
        .integer(entry.number)
      )
    }
  }

  private func isIntroduced(_ patient: Int64, _ open: Run?) throws -> Bool {
    if let open, open.isFirst, open.holds(patient) { return true }
    return try Self.first(of: patient, in: database) != nil
  }

  private func store(_ run: Run) throws {
    try DirectStatement(Self.insert, in: database).run(
      .integer(author),
      .integer(run.number),
      .integer(run.patient),
      .integer(run.count),
      .integer(run.isFirst ? 1 : 0)
    )
  }
}
