// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import RegistryDatabase
import Replication
import SyncProtocol

extension SQLiteCenterTransaction {
  func binding(of replica: ReplicaID) throws -> ReplicaBinding? {
    try Row.fetchOne(
      database,
      sql: "SELECT site, key_id, last_admitted FROM replica_bindings WHERE replica = ?",
      arguments: [Data(replica.bytes)]
    ).map { row in
      ReplicaBinding(
        site: row["site"],
        keyID: row["key_id"],
        lastAdmitted: (row["last_admitted"] as Int64?).map { UInt64(clamping: $0) }
      )
    }
  }

  func bind(_ replica: ReplicaID, site: String, keyID: String, now: Int) throws {
    try database.execute(
      sql: "INSERT INTO replica_bindings (replica, site, key_id, bound_at) VALUES (?, ?, ?, ?)",
      arguments: [Data(replica.bytes), site, keyID, now]
    )
  }

  func tables(_ site: String) -> ReplicaTables {
    ReplicaTables(
      scope: site,
      decoding: ReceivedBatch.batch(of:),
      redacting: BatchRedactor.redact(_:removing:)
    )
  }

  func vector(site: String) throws -> VersionVector {
    try tables(site).vector(in: database)
  }

  func chainHeads(site: String) throws -> [ContextEntry] {
    try tables(site).chainHeads(in: database)
  }

  func stateRoot(site: String) throws -> Data {
    Data(try tables(site).stateRoot(in: database))
  }

  func stateBuckets(site: String) throws -> Data {
    Data(try tables(site).stateBuckets(in: database))
  }

  func recomputedStateRoot(site: String) throws -> Data {
    Data(try tables(site).recomputedDigest(in: database).root)
  }

  func integrityFindings() throws -> [String] {
    try String.fetchAll(database, sql: "PRAGMA integrity_check(3)").filter { $0 != "ok" }
  }

  func keptVector(site: String) throws -> VersionVector {
    try tables(site).keptVector(in: database)
  }

  func bucketAddresses(site: String, bucket: Int) throws -> Data {
    try tables(site).addresses(inBucket: bucket, in: database).bytes
  }

  func applyKept(site: String) throws -> Int {
    try tables(site).applyKept(in: database)
  }

  func rebuildHeads(site: String) throws {
    try tables(site).rebuildHeads(in: database)
  }

  func forEachBatch(site: String, _ body: (LoggedBatch) throws -> Void) throws {
    try tables(site).forEachBatch(in: database, body)
  }

  func batches(
    site: String,
    after vector: VersionVector,
    limitBytes: Int
  ) throws -> (batches: [LoggedBatch], hasMore: Bool) {
    try tables(site).batches(after: vector, limitBytes: limitBytes, in: database)
  }

  func forEachPatient(
    site: String,
    _ body: (PatientID, [RowAddress: RowHeads]) throws -> Void
  ) throws {
    try tables(site).forEachPatient(in: database, body)
  }

  func everInConflict(
    site: String,
    uniting names: [PatientID: PatientID],
    exceptFor ownField: String
  ) throws -> [Address] {
    try tables(site).everInConflict(uniting: names, exceptFor: ownField, in: database)
  }

  func admit(_ batch: Batch, bytes: Data, site: String) throws -> Admission {
    try tables(site).admit(batch, bytes: bytes, in: database)
  }
}

extension SQLiteCenterTransaction {
  func receipts(site: String, limit: Int) throws -> [Receipt] {
    try Row.fetchAll(
      database,
      sql: "SELECT * FROM receipts WHERE site = ? ORDER BY id DESC LIMIT ?",
      arguments: [site, limit]
    ).map { row in
      var receipt = Receipt(site: row["site"], keyID: row["key_id"], receivedAt: row["received_at"])
      receipt.sentBatches = row["sent_batches"]
      receipt.sentChangesets = row["sent_changesets"]
      receipt.acceptedBatches = row["accepted_batches"]
      receipt.acceptedChangesets = row["accepted_changesets"]
      receipt.refusedBatches = row["refused_batches"]
      receipt.refusedChangesets = row["refused_changesets"]
      receipt.bytes = row["bytes"]
      return receipt
    }
  }

  func insert(_ receipt: Receipt, refused: [RefusedBatch]) throws {
    try database.execute(
      sql: """
        INSERT INTO receipts (site, key_id, received_at, sent_batches, sent_changesets,
          accepted_batches, accepted_changesets, refused_batches, refused_changesets, bytes)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
      arguments: [
        receipt.site, receipt.keyID, receipt.receivedAt, receipt.sentBatches,
        receipt.sentChangesets, receipt.acceptedBatches, receipt.acceptedChangesets,
        receipt.refusedBatches, receipt.refusedChangesets, receipt.bytes,
      ]
    )
    let receiptID = database.lastInsertedRowID
    for batch in refused {
      try database.execute(
        sql: """
          INSERT INTO refused_batches (receipt, replica, first_sequence, changesets, reason)
          VALUES (?, ?, ?, ?, ?)
          """,
        arguments: [
          receiptID, batch.replica.map { Data($0.bytes) }, Int64(clamping: batch.firstSequence),
          batch.changesets, batch.reason,
        ]
      )
    }
  }
}
