// SPDX-License-Identifier: Apache-2.0
import Foundation
public import GRDB
public import Replication

/// Erasure by law: an erased patient has no heads, and no writes in the log but marks of erasure.
///
/// A mark is an ordinary write. Whoever takes it in redacts the own log, so that heads, digest and
/// log depend on nothing but which batches are there.
extension ReplicaTables {
  private static let selectErased = """
    SELECT head_patient.patient FROM log_scope
      JOIN head_patient ON head_patient.scope = log_scope.id AND is_erased = 1
    WHERE log_scope.code = ? ORDER BY head_patient.patient
    """
  private static let selectErasedNumbers = """
    SELECT head_patient.id, head_patient.patient FROM log_scope
      JOIN head_patient ON head_patient.scope = log_scope.id AND is_erased = 1
    WHERE log_scope.code = ?
    """
  private static let selectUnmarked = """
    SELECT count(DISTINCT head_patient.id) FROM log_redaction
      CROSS JOIN head_patient ON head_patient.id = log_redaction.patient AND is_erased = 0
      CROSS JOIN log_scope ON log_scope.id = head_patient.scope
    WHERE log_scope.code = ?
    """
  private static let selectHasRedactions = "SELECT 1 FROM log_redaction LIMIT 1"
  private static let selectBatches = """
    SELECT log_batch.id FROM log_batch JOIN log_replica ON log_replica.id = log_batch.replica
    WHERE scope = ? ORDER BY log_batch.id
    """
  private static let selectBytes = "SELECT bytes FROM log_batch WHERE id = ?"
  private static let updateBytes = "UPDATE log_batch SET bytes = ?, size = ? WHERE id = ?"
  private static let selectLast = "SELECT max(id) FROM log_batch WHERE replica = ?"
  private static let insertRedaction =
    "INSERT OR IGNORE INTO log_redaction (batch, patient) VALUES (?, ?)"
  private static let deleteHeld = "DELETE FROM log_held WHERE scope = ? AND needed_last <> ?"
  private static let selectRedactionCount = """
    SELECT count(DISTINCT batch) FROM log_redaction JOIN head_patient
      ON head_patient.id = log_redaction.patient
      JOIN log_scope ON log_scope.id = head_patient.scope
    WHERE log_scope.code = ?
    """

  /// The patients that were erased by law, by rising id.
  public func erasedPatients(in database: Database) throws -> [PatientID] {
    var result: [PatientID] = []
    try DirectStatement(Self.selectErased, in: database).forEach(.text(scope)) { row in
      guard let patient = row.identifier(0) as PatientID? else {
        throw RegistryDatabaseError.brokenLog
      }
      result.append(patient)
    }
    return result
  }

  /// How many batches of the log lack what they had.
  public func redactedBatches(in database: Database) throws -> Int {
    try DirectStatement(Self.selectRedactionCount, in: database)
      .first(.text(scope)) { Int($0.integer(0)) } ?? 0
  }

  /// How many patients something lacks of whom no mark of erasure is in the log.
  ///
  /// A replica that is new, or was put back, may have to wait for the mark: until it comes, its
  /// heads are not those of others with the same vector. When it has everything, the number is 0,
  /// or somebody has taken out what nobody may.
  public func unmarkedPatients(in database: Database) throws -> Int {
    guard
      try DirectStatement(Self.selectHasRedactions, in: database).first(read: { _ in true })
        ?? false
    else { return 0 }
    return try DirectStatement(Self.selectUnmarked, in: database)
      .first(.text(scope)) { Int($0.integer(0)) } ?? 0
  }

  /// Whether all that a batch lacks is of patients marked here as erased.
  func isMarked(_ batch: Batch, in database: Database) throws -> Bool {
    guard let redaction = batch.redaction else { return true }
    return redaction.patients.isSubset(of: Set(try erasedPatients(in: database)))
  }

  /// What names erased patients in a decoded batch: their ids, and stand-ins.
  func erasedNames(in batch: Batch, in database: Database) throws -> [PatientID: PatientID] {
    let erased = Set(try erasedPatients(in: database))
    if erased.isEmpty { return [:] }
    var references: [PatientReference: PatientID] = [:]
    let introducers = Dictionary(
      uniqueKeysWithValues: try replicas(in: database).map { ($0.id, $0.replica) }
    )
    try DirectStatement(Self.selectErasedNumbers, in: database).forEach(.text(scope)) { row in
      guard let patient = row.identifier(1) as PatientID? else {
        throw RegistryDatabaseError.brokenLog
      }
      for entry in try Introductions.all(of: row.integer(0), in: database) {
        guard let introducer = introducers[entry.author] else { continue }
        references[PatientReference(introducer: introducer, number: entry.number)] = patient
      }
    }
    var names: [PatientID: PatientID] = [:]
    for changeset in batch.changesets {
      for write in changeset.writes {
        let name = write.address.row.patient
        if let index = name.standInIndex, index < batch.references.count {
          names[name] = references[batch.references[index]]
        } else if erased.contains(name) {
          names[name] = name
        }
      }
    }
    return names
  }

  /// A batch without what it has of erased patients, and of whom it lacks something then.
  func redacted(
    _ batch: Batch,
    _ bytes: Data,
    scope: Int64,
    in database: Database
  ) throws -> (bytes: Data, removed: Set<PatientID>) {
    let names = try erasedNames(in: batch, in: database)
    let kept = try redact(bytes, names) ?? bytes
    return (kept, try decode(kept).redaction?.patients ?? [])
  }

  /// Notes of whom the author's newest batch lacks something.
  func noteRemoved(
    _ patients: Set<PatientID>,
    of author: LogReplica,
    scope: Int64,
    in database: Database
  ) throws {
    let last = try DirectStatement(Self.selectLast, in: database)
      .first(.integer(author.id)) { $0.integer(0) }
    guard let last else { throw RegistryDatabaseError.brokenLog }
    try noteRemoved(patients, fromBatch: last, scope: scope, in: database)
  }

  private func noteRemoved(
    _ patients: Set<PatientID>,
    fromBatch id: Int64,
    scope: Int64,
    in database: Database
  ) throws {
    let numbers = PatientNumbers(scope: scope, database: database)
    for patient in patients {
      try DirectStatement(Self.insertRedaction, in: database)
        .run(.integer(id), .integer(try numbers.findOrMake(patient).number))
    }
  }

  /// Takes newly erased patients out of every batch in the log, and drops what waits.
  ///
  /// What waits for another batch is asked for again. What waits for a newer program cannot be read
  /// here; that program redacts it when it takes it in.
  func redactLog(of patients: Set<PatientID>, scope: Int64, in database: Database) throws {
    guard !patients.isEmpty else { return }
    var ids: [Int64] = []
    try DirectStatement(Self.selectBatches, in: database).forEach(.integer(scope)) { row in
      ids.append(row.integer(0))
    }
    for id in ids {
      let stored = try DirectStatement(Self.selectBytes, in: database)
        .first(.integer(id)) { Data($0.bytes(0)) }
      guard let stored else { throw RegistryDatabaseError.brokenLog }
      let kept = try redacted(try decode(stored), stored, scope: scope, in: database)
      guard kept.bytes != stored else { continue }
      try DirectStatement(Self.updateBytes, in: database)
        .run(.data(kept.bytes), .integer(Int64(kept.bytes.count)), .integer(id))
      try noteRemoved(kept.removed, fromBatch: id, scope: scope, in: database)
    }
    try DirectStatement(Self.deleteHeld, in: database)
      .run(.integer(scope), .integer(Int64.max))
  }
}

extension ReplicaTables {
  private static let updatePending =
    "UPDATE log_pending SET changeset = ? WHERE id = ?"

  /// Takes newly erased patients out of one's own changesets that are not sealed yet.
  ///
  /// Nobody else has seen these, so they are written anew. One that has nothing left becomes a mark
  /// of erasure: its sequence must not be missing.
  func redactPending(of patients: Set<PatientID>, in database: Database) throws {
    guard !patients.isEmpty else { return }
    let pending = try pendingChangesets(in: database)
    let marking = pending.last { !$0.erasures.isDisjoint(with: patients) }
    guard let marking, let number = try number(in: database),
      let author = try LogReplica.find(marking.dot.replica, scope: number, in: database)
    else { return }
    for changeset in pending {
      let parted = changeset.removing(patients)
      if parted.removed.isEmpty { continue }
      let rest =
        parted.rest
        ?? Changeset(
          dot: changeset.dot,
          lamport: changeset.lamport,
          reason: marking.reason,
          context: changeset.context,
          writes: parted.removed.keys.map {
            FieldWrite(address: .erasure(of: $0), value: .erased)
          }
        )
      try DirectStatement(Self.updatePending, in: database).run(
        .bytes(PackedChangeset.encode(rest)),
        .integer(PendingKey.key(author: author.id, sequence: changeset.dot.sequence))
      )
    }
  }
}
