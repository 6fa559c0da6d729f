// SPDX-License-Identifier: Apache-2.0

import Crypto
import Foundation
import GRDB
import Replication

/// Appends to the audit trail inside a transaction, and checks its chain.
///
/// The chain shows every change to a past entry; entries cut off at the end show only against an
/// older copy.
struct AuditTrail {
  private static let insert = """
    INSERT INTO site_audit (number, at, who, action, patient, sequence, replica, details, hash)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
    """
  private static let selectLast = "SELECT number, hash FROM site_audit ORDER BY number DESC LIMIT 1"
  private static let columns = "number, at, who, action, patient, sequence, replica, details, hash"
  private static let selectAll = "SELECT \(columns) FROM site_audit ORDER BY number"
  private static let selectByDot = """
    SELECT \(columns) FROM site_audit WHERE replica = ? AND sequence = ? ORDER BY number LIMIT 1
    """

  private let database: Database
  private var number: Int64
  private var hash: Data

  /// Continues the trail of a store, inside a write transaction.
  init(_ database: Database) throws {
    self.database = database
    let last = try Row.fetchOne(try database.cachedStatement(sql: Self.selectLast))
    number = last?[0] ?? 0
    hash = last?[1] ?? Data(repeating: 0, count: 32)
  }

  /// Appends one entry.
  mutating func append(
    _ action: AuditAction,
    by actor: Actor,
    patient: PatientID? = nil,
    dot: Dot? = nil,
    details: String
  ) throws {
    number += 1
    let entry = AuditEntry(
      number: number,
      at: actor.now,
      who: actor.who,
      action: action.rawValue,
      patient: patient,
      dot: dot,
      details: details,
      hash: Data()
    )
    hash = Self.link(entry, after: hash)
    let statement = try database.cachedStatement(sql: Self.insert)
    try statement.execute(arguments: [
      number, actor.now, actor.who, action.rawValue, patient.map { Data($0.bytes) },
      dot.map { Int64($0.sequence) }, dot.map { Data($0.replica.bytes) }, details, hash,
    ])
  }

  /// Appends one entry about changed fields.
  mutating func append(
    _ action: AuditAction,
    by actor: Actor,
    patient: PatientID,
    dot: Dot?,
    details: AuditDetails
  ) throws {
    try append(action, by: actor, patient: patient, dot: dot, details: details.json)
  }

  static func entries(in database: Database) throws -> [AuditEntry] {
    try Row.fetchAll(database, sql: selectAll).map(entry)
  }

  /// The entry of one of this device's own changesets.
  static func entry(of dot: Dot, in database: Database) throws -> AuditEntry? {
    try Row.fetchOne(
      database,
      sql: selectByDot,
      arguments: [Data(dot.replica.bytes), Int64(dot.sequence)]
    ).map(entry)
  }

  /// The number of the first entry that does not fit the chain; nil when all do.
  static func firstBreak(in database: Database) throws -> Int64? {
    var hash = Data(repeating: 0, count: 32)
    var expected: Int64 = 0
    let rows = try Row.fetchCursor(database, sql: selectAll)
    while let row = try rows.next() {
      let entry = entry(row)
      expected += 1
      hash = link(entry, after: hash)
      guard entry.number == expected, entry.hash == hash else { return expected }
    }
    return nil
  }

  private static func entry(_ row: Row) -> AuditEntry {
    let patient = (row[4] as Data?).flatMap { PatientID(bytes: $0) }
    let replica = (row[6] as Data?).flatMap { ReplicaID(bytes: $0) }
    let sequence = row[5] as Int64?
    let dot = replica.flatMap { replica in
      sequence.map { Dot(replica: replica, sequence: UInt64($0)) }
    }
    return AuditEntry(
      number: row[0],
      at: row[1],
      who: row[2],
      action: row[3],
      patient: patient,
      dot: dot,
      details: row[7],
      hash: row[8]
    )
  }

  /// SHA-256 over the link before and every column, each after its length.
  private static func link(_ entry: AuditEntry, after previous: Data) -> Data {
    var hash = SHA256()
    let parts = [
      previous, Data(String(entry.number).utf8), Data(String(entry.at).utf8),
      Data(entry.who.utf8), Data(entry.action.utf8), Data(entry.patient?.bytes ?? []),
      Data(entry.dot.map { $0.replica.bytes } ?? []),
      Data(entry.dot.map { Array(String($0.sequence).utf8) } ?? []), Data(entry.details.utf8),
    ]
    for part in parts {
      withUnsafeBytes(of: UInt32(part.count).bigEndian) { hash.update(bufferPointer: $0) }
      hash.update(data: part)
    }
    return Data(hash.finalize())
  }
}
