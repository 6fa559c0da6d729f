// SPDX-License-Identifier: Apache-2.0

import Crypto
import Foundation
import GRDB
import RegistryDatabase
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
  private static let columns =
    "number, at, who, action, patient, sequence, replica, details, hash, erased_by"
  private static let selectAll = "SELECT \(columns) FROM site_audit ORDER BY number"
  /// The index has every sixteenth changeset of a replica; the others follow it closely.
  private static let selectByDot = """
    SELECT \(columns) FROM site_audit WHERE replica = ?1 AND sequence = ?2 AND number >= (
      SELECT number FROM site_audit
      WHERE replica = ?1 AND sequence = ?2 - (?2 - 1) % 16 AND sequence % 16 = 1)
    ORDER BY number LIMIT 1
    """

  let database: Database
  /// The number of the newest entry.
  private(set) var number: Int64 = 0
  private var hash = [UInt8](repeating: 0, count: 32)

  /// Continues the trail of a store, inside a write transaction.
  init(_ database: Database) throws {
    self.database = database
    let last = try DirectStatement(Self.selectLast, in: database).first {
      (number: $0.integer(0), hash: $0.bytes(1))
    }
    if let last { (number, hash) = last }
  }

  /// Appends one entry; its details are JSON.
  mutating func append(
    _ action: AuditAction,
    by actor: Actor,
    patient: PatientID? = nil,
    dot: Dot? = nil,
    details: String
  ) throws {
    try append(action, by: actor, patient: patient, dot: dot, json: Array(details.utf8))
  }

  /// Appends one entry about changed fields.
  mutating func append(
    _ action: AuditAction,
    by actor: Actor,
    patient: PatientID,
    dot: Dot?,
    details: AuditDetails
  ) throws {
    try append(action, by: actor, patient: patient, dot: dot, json: details.json)
  }

  private mutating func append(
    _ action: AuditAction,
    by actor: Actor,
    patient: PatientID?,
    dot: Dot?,
    json: [UInt8]
  ) throws {
    number += 1
    hash = Self.link(
      after: hash,
      number: number,
      at: actor.now,
      who: actor.who,
      action: action.rawValue,
      patient: patient,
      dot: dot,
      details: json
    )
    try DirectStatement(Self.insert, in: database).run(
      .integer(number),
      .integer(Int64(actor.now)),
      .text(actor.who),
      .text(action.rawValue),
      patient.map { .identifier($0) } ?? .null,
      dot.map { .number($0.sequence) } ?? .null,
      dot.map { .identifier($0.replica) } ?? .null,
      .utf8(json),
      .bytes(hash)
    )
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
    var chain = AuditChain()
    let rows = try Row.fetchCursor(database, sql: selectAll)
    while let row = try rows.next() {
      if let broken = chain.take(entry(row)) { return broken }
    }
    return chain.firstUnexplained
  }

  /// The hash that an entry must have.
  static func link(after previous: [UInt8], to entry: AuditEntry) -> [UInt8] {
    link(
      after: previous,
      number: entry.number,
      at: entry.at,
      who: entry.who,
      action: entry.action,
      patient: entry.patient,
      dot: entry.dot,
      details: Array(entry.details.utf8)
    )
  }

  static func entry(_ row: Row) -> AuditEntry {
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
      hash: row[8],
      erasedBy: row[9]
    )
  }

  /// SHA-256 over the link before and every column, each after its length in four bytes.
  private static func link(
    after previous: [UInt8],
    number: Int64,
    at: Int,
    who: String,
    action: String,
    patient: PatientID?,
    dot: Dot?,
    details: [UInt8]
  ) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(256 + details.count)
    func append(_ part: some Collection<UInt8>) {
      withUnsafeBytes(of: UInt32(part.count).bigEndian) { bytes.append(contentsOf: $0) }
      bytes.append(contentsOf: part)
    }
    append(previous)
    append(String(number).utf8)
    append(String(at).utf8)
    append(who.utf8)
    append(action.utf8)
    append(patient?.bytes ?? [])
    append(dot?.replica.bytes ?? [])
    append(dot.map { Array(String($0.sequence).utf8) } ?? [])
    append(details)
    return Array(SHA256.hash(data: bytes))
  }
}
