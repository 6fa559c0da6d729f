// SPDX-License-Identifier: Apache-2.0

import Deidentification
import Foundation
import GRDB
import Registry
import RegistryDatabase
import Replication
import SyncProtocol

extension SiteStore {
  static let selectPending = "SELECT changeset FROM site_pending ORDER BY sequence"
  private static let selectAnyPending = "SELECT 1 FROM site_pending LIMIT 1"
  private static let deletePending = "DELETE FROM site_pending"

  /// Saved and not yet sealed changesets, in their order.
  func pendingChangesets(in database: Database) throws -> [Changeset] {
    try Data.fetchAll(database, sql: Self.selectPending).map { try ChangesetCodec.decode($0) }
  }

  /// Whether any saved changeset is not yet sealed.
  func hasPending(in database: Database) throws -> Bool {
    try Int.fetchOne(database, sql: Self.selectAnyPending) != nil
  }

  /// Seals everything pending, in a transaction of its own.
  ///
  /// This comes before a byte leaves and before a foreign batch is applied. A sealed batch is never
  /// sealed again.
  ///
  /// - Returns: How many batches were made.
  @discardableResult
  func seal(with identity: SigningIdentity) throws(SiteReplicaError) -> Int {
    let hasPending = try read { database in try self.hasPending(in: database) }
    guard hasPending else { return 0 }
    return try write { database in
      // Every change is checked once more against the whitelist: it was on disk meanwhile.
      let changesets = try pendingChangesets(in: database).map(deidentifier.readmit)
      let replica = try StoreMeta.replica(in: database)
      let heads = try tables.chainHeads(in: database)
      let batches = try BatchSealer.seal(
        changesets,
        site: site,
        foreignContext: heads.filter { $0.replica != replica },
        previous: try tables.chainHead(of: replica, in: database),
        dictionaryVersion: study.dictionary.version,
        identity: identity
      )
      for sealed in batches {
        try tables.appendSealed(sealed.batch, bytes: sealed.bytes, in: database)
      }
      try database.execute(sql: Self.deletePending)
      return batches.count
    }
  }
}
