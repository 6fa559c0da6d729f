// SPDX-License-Identifier: Apache-2.0
public import GRDB
public import Replication

extension ReplicaTables {
  private static let selectPatient = "SELECT patient, is_erased FROM head_patient WHERE id = ?"

  /// The batch with patients in the place of references; nil when one of them was never introduced.
  ///
  /// The batch's context must be in the log.
  public func resolved(_ batch: Batch, in database: Database) throws -> Batch? {
    var found: [PatientID: PatientNumbers.Entry] = [:]
    return try resolved(batch, noting: &found, in: database)
  }

  /// Resolves a batch, and notes every patient that it looked up.
  func resolved(
    _ batch: Batch,
    noting found: inout [PatientID: PatientNumbers.Entry],
    in database: Database
  ) throws -> Batch? {
    if batch.references.isEmpty { return batch }
    let scope = try makeNumber(in: database)
    var introducers: [ReplicaID: Introductions] = [:]
    let find = try DirectStatement(Self.selectPatient, in: database)
    return try batch.resolved { reference in
      if introducers[reference.introducer] == nil {
        introducers[reference.introducer] =
          try LogReplica.find(reference.introducer, scope: scope, in: database)
          .map { Introductions(of: $0, in: database) }
      }
      guard let number = try introducers[reference.introducer]?.patient(reference.number),
        let stored = try find.first(
          .integer(number),
          read: { (patient: $0.identifier(0) as PatientID?, isErased: $0.integer(1) == 1) }
        ), let patient = stored.patient
      else { return nil }
      found[patient] = PatientNumbers.Entry(
        number: number,
        isFresh: false,
        isErased: stored.isErased
      )
      return patient
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
    let numbers = PatientNumbers(scope: scope, database: database)
    var references: [PatientID: PatientReference] = [:]
    for patient in patients {
      guard let number = try numbers.find(patient),
        let first = try Introductions.first(of: number, in: database),
        let introducer = ids[first.author]
      else { continue }
      references[patient] = PatientReference(introducer: introducer, number: first.number)
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
    var filter = try PatientFilter(in: database)
    try filter.settleRecent(limit: recentLimit)
    guard !batch.introduced.isEmpty else { return }
    let entries = try writer.introduce(batch.introduced)
    try Introductions(of: author, in: database).add(entries, from: author.introduced)
  }
}
