// SPDX-License-Identifier: Apache-2.0
import Foundation
public import GRDB
public import Replication

extension ReplicaTables {
  /// The batch with patients in the place of references; nil when one of them was never introduced.
  ///
  /// The batch's context must be in the log.
  public func resolved(_ batch: Batch, in database: Database) throws -> Batch? {
    if batch.references.isEmpty { return batch }
    let scope = try makeNumber(in: database)
    var introducers: [ReplicaID: Int64] = [:]
    let find = try database.cachedStatement(
      sql: """
        SELECT head_patient.patient FROM log_introduced
          JOIN head_patient ON head_patient.id = log_introduced.patient
        WHERE log_introduced.replica = ? AND number = ?
        """
    )
    return try batch.resolved { reference in
      if introducers[reference.introducer] == nil {
        introducers[reference.introducer] =
          try LogReplica.find(reference.introducer, scope: scope, in: database)?.id
      }
      guard let introducer = introducers[reference.introducer] else { return nil }
      find.setUncheckedArguments([introducer, Int64(clamping: reference.number)])
      return try Data.fetchOne(find).flatMap(PatientID.init(bytes:))
    }
  }

  /// Who introduced each of these patients, for those that a batch in the log introduced, and how
  /// many patients the author's own logged batches introduced.
  public func introductions(
    of patients: Set<PatientID>,
    author: ReplicaID,
    in database: Database
  ) throws -> (references: [PatientID: PatientReference], ownCount: UInt64) {
    guard let scope = try number(in: database) else { return ([:], 0) }
    var ids: [Int64: ReplicaID] = [:]
    var ownCount: UInt64 = 0
    for replica in try LogReplica.all(scope: scope, in: database) {
      ids[replica.id] = replica.replica
      if replica.replica == author { ownCount = UInt64(clamping: replica.introduced) }
    }
    let find = try database.cachedStatement(
      sql: """
        SELECT log_introduced.replica, number FROM head_patient
          JOIN log_introduced ON log_introduced.patient = head_patient.id
        WHERE scope = ? AND head_patient.patient = ? LIMIT 1
        """
    )
    var references: [PatientID: PatientReference] = [:]
    for patient in patients {
      find.setUncheckedArguments([scope, Data(patient.bytes)])
      guard let row = try Row.fetchOne(find), let introducer = ids[row[0]] else { continue }
      references[patient] = PatientReference(
        introducer: introducer,
        number: UInt64(clamping: row[1] as Int64)
      )
    }
    return (references, ownCount)
  }

  /// Notes the patients that a batch introduces, before it is appended to the log.
  func noteIntroduced(
    _ batch: Batch,
    by author: LogReplica,
    _ writer: inout HeadWriter,
    in database: Database
  ) throws {
    guard !batch.introduced.isEmpty else { return }
    let insert = try database.cachedStatement(
      sql: "INSERT INTO log_introduced (replica, number, patient) VALUES (?, ?, ?)"
    )
    for (offset, patient) in try writer.introduce(batch.introduced).enumerated() {
      insert.setUncheckedArguments([author.id, author.introduced + Int64(offset), patient])
      try insert.execute()
    }
  }
}
