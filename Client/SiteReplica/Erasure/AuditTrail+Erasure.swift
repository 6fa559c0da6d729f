// SPDX-License-Identifier: Apache-2.0

import Crypto
import Foundation
import GRDB
import Replication

/// Erasing details from the audit trail without breaking its chain.
///
/// An entry keeps its hash, which the next one builds on, and loses its details. A later entry of the
/// chain names it, and has a hash over all that it kept: nobody can empty an entry unseen, nor change
/// what is left of it.
extension AuditTrail {
  private static let selectOf = """
    SELECT number, at, who, action, patient, sequence, replica, details, hash, erased_by
    FROM site_audit WHERE patient = ? AND action <> ? AND erased_by IS NULL
    """
  private static let clear = "UPDATE site_audit SET details = '', erased_by = ? WHERE number = ?"

  /// Erases the details of every entry about some patients, and adds the entry that says so.
  ///
  /// Entries that say that somebody was erased have no value in them, and stay.
  ///
  /// - Returns: How many entries lost their details.
  mutating func erase(_ patients: [PatientID], by actor: Actor) throws -> Int {
    var entries: [AuditEntry] = []
    for patient in patients {
      let arguments: StatementArguments = [Data(patient.bytes), AuditAction.erasure.rawValue]
      entries += try Row.fetchAll(database, sql: Self.selectOf, arguments: arguments)
        .map(Self.entry)
    }
    entries.sort { $0.number < $1.number }
    let erasure = AuditErasure(
      entries: entries.map(\.number),
      patients: patients.count,
      rest: Self.rest(of: entries)
    )
    try append(.erased, by: actor, details: erasure.json)
    for entry in entries {
      try database.execute(sql: Self.clear, arguments: [number, entry.number])
    }
    return entries.count
  }

  /// SHA-256 over what erased entries keep, each part after its length in four bytes.
  static func rest(of entries: [AuditEntry]) -> String {
    var hash = SHA256()
    func add(_ part: some Collection<UInt8>) {
      withUnsafeBytes(of: UInt32(part.count).bigEndian) { hash.update(bufferPointer: $0) }
      hash.update(data: Array(part))
    }
    for entry in entries {
      add(String(entry.number).utf8)
      add(String(entry.at).utf8)
      add(entry.who.utf8)
      add(entry.action.utf8)
      add(entry.patient?.bytes ?? [])
      add(entry.dot?.replica.bytes ?? [])
      add(entry.dot.map { Array(String($0.sequence).utf8) } ?? [])
      add(entry.hash)
    }
    return hash.finalize().map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
  }
}

/// The details of an entry that erased others.
struct AuditErasure: Codable, Hashable {
  /// The entries that lost their details, by rising number.
  let entries: [Int64]
  /// How many registrations were erased.
  let patients: Int
  /// SHA-256 over what those entries keep, in hexadecimal.
  let rest: String

  var json: String {
    let numbers = entries.map { String($0) }.joined(separator: ",")
    return #"{"entries":[\#(numbers)],"patients":\#(patients),"rest":"\#(rest)"}"#
  }
}
