// SPDX-License-Identifier: Apache-2.0

import Deidentification
import Foundation
package import GRDB
import Registry
import RegistryDatabase
package import Replication
public import SyncProtocol

extension SiteStore {
  /// Saved and not yet sealed changesets, in their order.
  package func pendingChangesets(in database: Database) throws -> [Changeset] {
    try tables.pendingChangesets(in: database)
  }

  /// Whether any saved changeset is not yet sealed.
  package func hasPending(in database: Database) throws -> Bool {
    try tables.hasPending(in: database)
  }

  /// Seals everything pending, in a transaction of its own.
  ///
  /// This comes before a byte leaves and before a foreign batch is applied. A sealed batch is never
  /// sealed again.
  ///
  /// - Returns: How many batches were made.
  /// - Throws: `SiteReplicaError`; nothing is sealed then.
  @discardableResult
  public func seal(with identity: SigningIdentity) throws(SiteReplicaError) -> Int {
    let hasPending = try read { database in try self.hasPending(in: database) }
    guard hasPending else { return 0 }
    return try write { try sealPending(with: identity, in: $0) }
  }

  /// Seals everything pending inside a write transaction; returns how many batches were made.
  func sealPending(with identity: SigningIdentity, in database: Database) throws -> Int {
    guard try StoreMeta.data(.rotation, in: database) == nil else {
      throw SiteReplicaError.rotationUnfinished
    }
    var count = 0
    // As many at a time as one batch takes: what waits is not all in memory at once.
    while case let pending = try tables.pendingChangesets(
      writeLimit: BatchSealer.firstGuessWrites,
      in: database
    ), !pending.isEmpty {
      count += try seal(pending, with: identity, in: database)
    }
    return count
  }

  private func seal(
    _ pending: [Changeset],
    with identity: SigningIdentity,
    in database: Database
  ) throws -> Int {
    // Every change is checked once more against the whitelist: it was on disk meanwhile.
    let changesets = try pending.map(deidentifier.readmit)
    let replica = try StoreMeta.replica(in: database)
    let batches = try BatchSealer.seal(
      changesets,
      site: site,
      foreignContext: try tables.chainHeads(in: database).filter { $0.replica != replica },
      previous: try tables.chainHead(of: replica, in: database),
      dictionaryVersion: study.dictionary.version,
      directory: try directory(for: pending, author: replica, in: database),
      identity: identity
    )
    for sealed in batches {
      try tables.appendSealed(sealed.batch, bytes: sealed.bytes, in: database)
    }
    return batches.count
  }

  /// Which of the patients in changesets any batch of the log has introduced.
  ///
  /// It fits a batch whose context is all of the log.
  func directory(
    for changesets: [Changeset],
    author: ReplicaID,
    in database: Database
  ) throws -> PatientDirectory {
    var patients: Set<PatientID> = []
    for changeset in changesets {
      for write in changeset.writes {
        patients.insert(write.address.row.patient)
        if case .patient(let link) = write.value { patients.insert(link) }
      }
    }
    let known = try tables.introductions(
      of: patients,
      author: author,
      in: database
    )
    return PatientDirectory(references: known.references, ownCount: known.ownCount)
  }
}
