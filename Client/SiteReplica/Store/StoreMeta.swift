// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import RegistryDatabase
import Replication

/// The facts that a store keeps about itself.
enum MetaKey: String {
  /// The site's code: the scope of everything in the store.
  case site
  /// The current replica id, 16 bytes.
  case replica
  /// Earlier replica ids of this device, 16 bytes each, oldest first: left behind at forks.
  case formerReplicas = "former_replicas"
  /// Where the vault's key file was put, a path.
  case vaultKeyPath = "vault_key_path"
  /// The centre's address as typed at enrolment.
  case server
  /// The centre's certificate authority, PEM.
  case authorityCertificate = "authority_certificate"
  /// The host and port that the centre signs and checks.
  case authority
  /// The centre's own name for people.
  case centerName = "center_name"
  /// The name of this device's key at the centre.
  case keyID = "key_id"
  /// A key rotation that has begun: the new public key and what the old one sealed, as JSON.
  case rotation = "key_rotation"
  /// The public key that signs since the last rotation, 32 bytes; absent before the first.
  case devicePublicKey = "device_public_key"
  /// The name of the centre's key.
  case centerKeyID = "center_key_id"
  /// The centre's public key, pinned at enrolment, 32 bytes.
  case centerPublicKey = "center_public_key"
  /// What is trusted of the model channel.
  case modelChannel = "model_channel"
  /// The version of the model release in use, decimal.
  case modelVersion = "model_version"
  /// The centre's clock minus this one, seconds, decimal.
  case clockOffset = "clock_offset"
  /// When the centre's last restore was that its root keys have vouched for, Unix seconds, decimal.
  case auditBreak = "audit_break"
  /// What the centre last said it holds: acknowledged through.
  case centerVector = "center_vector"
  /// A version of the dictionary that another program wrote with and this one does not have.
  case otherDictionary = "other_dictionary"
  /// Erased bytes may still lie in the files, or an identity in the vault.
  case erasureDue = "erasure_due"
  /// When the last sync ended well, Unix seconds, decimal.
  case lastSync = "last_sync"
  /// Whether the digests agreed at the last sync: `1`, `0`, absent when not comparable.
  case lastDigestEqual = "last_digest_equal"
}

/// Reads and writes `site_meta` inside a transaction.
enum StoreMeta {
  private static let select = "SELECT value FROM site_meta WHERE name = ?"
  private static let upsert = "INSERT OR REPLACE INTO site_meta (name, value) VALUES (?, ?)"
  private static let delete = "DELETE FROM site_meta WHERE name = ?"

  static func data(_ key: MetaKey, in database: Database) throws -> Data? {
    try database.cachedStatement(sql: select).fetchOne(key)
  }

  static func text(_ key: MetaKey, in database: Database) throws -> String? {
    try data(key, in: database).map { String(decoding: $0, as: UTF8.self) }
  }

  static func integer(_ key: MetaKey, in database: Database) throws -> Int? {
    try text(key, in: database).flatMap { Int($0) }
  }

  static func set(_ key: MetaKey, _ value: Data, in database: Database) throws {
    try database.execute(sql: upsert, arguments: [key.rawValue, value])
  }

  static func set(_ key: MetaKey, _ value: String, in database: Database) throws {
    try set(key, Data(value.utf8), in: database)
  }

  static func remove(_ key: MetaKey, in database: Database) throws {
    try database.execute(sql: delete, arguments: [key.rawValue])
  }

  /// The replica id under which this device writes.
  static func replica(in database: Database) throws -> ReplicaID {
    let stored = try DirectStatement(select, in: database).first(
      .text(MetaKey.replica.rawValue),
      read: { $0.identifier(0) as ReplicaID? }
    )
    guard let replica = stored ?? nil else { throw SiteReplicaError.storeDamaged("replica id") }
    return replica
  }

  /// Every id this device ever wrote under, the present one last.
  static func ownReplicas(in database: Database) throws -> [ReplicaID] {
    let former = try data(.formerReplicas, in: database) ?? Data()
    let left = stride(from: former.startIndex, to: former.endIndex, by: 16).compactMap { start in
      ReplicaID(bytes: former[start..<min(start + 16, former.endIndex)])
    }
    return left + [try replica(in: database)]
  }

  /// What the centre last said it holds.
  static func centerVector(in database: Database) throws -> VersionVector {
    let bytes = try data(.centerVector, in: database) ?? Data()
    var vector = VersionVector()
    for start in stride(from: bytes.startIndex, to: bytes.endIndex, by: 24) {
      guard start + 24 <= bytes.endIndex, let replica = ReplicaID(bytes: bytes[start..<start + 16])
      else { throw SiteReplicaError.storeDamaged("centre vector") }
      let last = bytes[(start + 16)..<(start + 24)].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      vector.advance(replica, to: last)
    }
    return vector
  }

  static func setCenterVector(_ vector: VersionVector, in database: Database) throws {
    var bytes = Data()
    for (replica, last) in vector.entries.sorted(by: { $0.key < $1.key }) {
      bytes.append(contentsOf: replica.bytes)
      withUnsafeBytes(of: last.bigEndian) { bytes.append(contentsOf: $0) }
    }
    try set(.centerVector, bytes, in: database)
  }
}

extension Statement {
  fileprivate func fetchOne(_ key: MetaKey) throws -> Data? {
    try Data.fetchOne(self, arguments: [key.rawValue])
  }
}
