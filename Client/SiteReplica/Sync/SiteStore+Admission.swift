// SPDX-License-Identifier: Apache-2.0

import Crypto
import Foundation
import GRDB
import RegistryDatabase
import Replication
import SyncProtocol

extension SiteStore {
  /// How often a batch waits for changes that other processes save meanwhile.
  private static let sealLimit = 100

  private static let insertArrival =
    "INSERT OR IGNORE INTO site_arrival (replica, last_sequence, at) VALUES (?, ?, ?)"
  static let insertKey =
    "INSERT OR IGNORE INTO site_replica_key (replica, public_key) VALUES (?, ?)"
  private static let selectKey = "SELECT public_key FROM site_replica_key WHERE replica = ?"

  /// Runs a transaction that applies foreign batches, with nothing pending.
  ///
  /// What is pending is sealed first, in a commit of its own. Another process may save between
  /// that commit and this transaction; its change has not seen what is about to be applied, so it
  /// is sealed too before the transaction is tried again.
  func applyingForeign<Result>(
    with identity: SigningIdentity,
    _ body: (Database) throws -> Result
  ) throws(SiteReplicaError) -> Result {
    for _ in 0..<Self.sealLimit {
      try seal(with: identity)
      let result: Result? = try write { database in
        try hasPending(in: database) ? nil : try body(database)
      }
      if let result { return result }
    }
    throw .remote(.tooManyRequests(limit: Self.sealLimit))
  }

  /// Checks and applies batches; returns how many changesets came in.
  func admit(
    _ received: [ReceivedBatch],
    now: Int,
    in database: Database
  ) throws -> Int {
    try received.reduce(0) { count, entry in
      switch try admit(entry, now: now, in: database) {
      case .applied(let changesets): count + changesets
      // What is here stays as it is until a mark of erasure comes, perhaps behind in the same answer.
      case .held, .duplicate, .unmarked: count
      case .forked(let replica, _):
        throw SiteReplicaError.remote(.diverged(replica: replica.description))
      }
    }
  }

  /// Checks and applies one batch of this site.
  func admit(
    _ received: ReceivedBatch,
    now: Int,
    in database: Database
  ) throws -> Admission {
    guard received.batch.site == site else {
      throw SiteReplicaError.batchRefused(reason: "another site's batch")
    }
    try verify(received, in: database)
    let admission = try tables.admit(received.batch, bytes: received.atRest, in: database)
    switch admission {
    case .applied, .held:
      try noteArrival(received.batch, now, in: database)
      try noteDictionary(of: received.batch, in: database)
    case .duplicate, .forked, .unmarked: break
    }
    return admission
  }

  private func noteArrival(_ batch: Batch, _ now: Int, in database: Database) throws {
    try database.execute(
      sql: Self.insertArrival,
      arguments: [Data(batch.replica.bytes), Int64(batch.lastSequence), now]
    )
  }

  /// A replica's first batch binds its id to a key; every later one is checked against it.
  private func verify(_ received: ReceivedBatch, in database: Database) throws {
    let replica = Data(received.batch.replica.bytes)
    if received.batch.redaction != nil { try verifyVoucher(received, in: database) }
    if !received.publicKey.isEmpty {
      try database.execute(sql: Self.insertKey, arguments: [replica, received.publicKey])
    }
    if received.batch.redaction != nil { return }
    guard let raw = try publicKey(of: received.batch.replica, in: database),
      let key = try? Curve25519.Signing.PublicKey(rawRepresentation: raw)
    else { throw SiteReplicaError.batchRefused(reason: "no key is known for its device") }
    try received.verify(publicKey: key)
  }

  /// The key that the first batch of a replica brought.
  private func publicKey(of replica: ReplicaID, in database: Database) throws -> Data? {
    try Data.fetchOne(database, sql: Self.selectKey, arguments: [Data(replica.bytes)])
  }

  /// The batches whose key is known here, or came with one before.
  ///
  /// A file is made for one device: another one may lack the first batch of a replica.
  func withKnownKeys(
    _ received: [ReceivedBatch],
    in database: Database
  ) throws -> [ReceivedBatch] {
    var brought: Set<ReplicaID> = []
    return try received.filter { entry in
      let replica = entry.batch.replica
      if !entry.publicKey.isEmpty { brought.insert(replica) }
      return try entry.batch.redaction != nil || brought.contains(replica)
        || publicKey(of: replica, in: database) != nil
    }
  }

  /// The centre alone vouches for what is left of a batch after an erasure.
  private func verifyVoucher(_ received: ReceivedBatch, in database: Database) throws {
    guard let raw = try StoreMeta.data(.centerPublicKey, in: database),
      let key = try? Curve25519.Signing.PublicKey(rawRepresentation: raw)
    else { throw SiteReplicaError.batchRefused(reason: "no key is known for its voucher") }
    try received.verify(publicKey: key)
  }
}
