// SPDX-License-Identifier: Apache-2.0
public import GRDB
public import Replication

extension ReplicaTables {
  private static let selectIntroduced = """
    SELECT head_patient.patient FROM log_introduced
      JOIN head_patient ON head_patient.id = log_introduced.patient
    WHERE log_introduced.replica = ? AND number = ?
    """
  private static let selectIntroducer = """
    SELECT log_introduced.replica, number FROM head_patient
      JOIN log_introduced ON log_introduced.patient = head_patient.id
    WHERE scope = ? AND head_patient.patient = ? LIMIT 1
    """
  private static let insertIntroduced =
    "INSERT INTO log_introduced (replica, number, patient) VALUES (?, ?, ?)"

  /// The batch with patients in the place of references; nil when one of them was never introduced.
  ///
  /// The batch's context must be in the log.
  public func resolved(_ batch: Batch, in database: Database) throws -> Batch? {
    if batch.references.isEmpty { return batch }
    let scope = try makeNumber(in: database)
    var introducers: [ReplicaID: Int64] = [:]
    let find = try DirectStatement(Self.selectIntroduced, in: database)
    return try batch.resolved { reference in
      if introducers[reference.introducer] == nil {
        introducers[reference.introducer] =
          try LogReplica.find(reference.introducer, scope: scope, in: database)?.id
      }
      guard let introducer = introducers[reference.introducer] else { return nil }
      return try find.first(.integer(introducer), .number(reference.number)) { row in
        row.identifier(0) as PatientID?
      } ?? nil
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
    let find = try DirectStatement(Self.selectIntroducer, in: database)
    var references: [PatientID: PatientReference] = [:]
    for patient in patients {
      let found = try find.first(.integer(scope), .identifier(patient)) { row in
        (introducer: ids[row.integer(0)], number: row.number(1) ?? 0)
      }
      guard let found, let introducer = found.introducer else { continue }
      references[patient] = PatientReference(introducer: introducer, number: found.number)
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
    let insert = try DirectStatement(Self.insertIntroduced, in: database)
    for (offset, patient) in try writer.introduce(batch.introduced).enumerated() {
      try insert.run(
        .integer(author.id),
        .integer(author.introduced + Int64(offset)),
        .integer(patient)
      )
    }
  }
}
