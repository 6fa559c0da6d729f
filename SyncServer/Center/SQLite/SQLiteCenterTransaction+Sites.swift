// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Replication

extension SQLiteCenterTransaction {
  func setting(_ name: String) throws -> Data? {
    try Data.fetchOne(
      database,
      sql: "SELECT value FROM center_settings WHERE name = ?",
      arguments: [name]
    )
  }

  func set(_ name: String, to value: Data) throws {
    try database.execute(
      sql: """
        INSERT INTO center_settings (name, value) VALUES (?, ?)
        ON CONFLICT (name) DO UPDATE SET value = excluded.value
        """,
      arguments: [name, value]
    )
  }

  func sites() throws -> [SiteRecord] {
    try Row.fetchAll(database, sql: "\(Self.selectSites) ORDER BY code").map(Self.site)
  }

  func site(_ code: String) throws -> SiteRecord? {
    try Row.fetchOne(
      database.cachedStatement(sql: "\(Self.selectSites) WHERE code = ?"),
      arguments: [code]
    ).map(Self.site)
  }

  func insert(_ site: SiteRecord) throws {
    try database.execute(
      sql: "INSERT INTO sites (code, name, status, added_at) VALUES (?, ?, ?, ?)",
      arguments: [site.code, site.name, site.isRevoked ? "revoked" : "active", site.addedAt]
    )
  }

  func revoke(site: String, now: Int) throws {
    try database.execute(
      sql: "UPDATE sites SET status = 'revoked', revoked_at = ? WHERE code = ?",
      arguments: [now, site]
    )
    for device in try devices(site: site) where !device.isRevoked {
      try revoke(device: device.keyID, now: now)
    }
  }

  func revoke(device keyID: String, now: Int) throws {
    try database.execute(
      sql: "UPDATE devices SET status = 'revoked', revoked_at = ? WHERE key_id = ?",
      arguments: [now, keyID]
    )
    guard let site = try device(keyID)?.site else { return }
    for (replica, last) in try vector(site: site).entries {
      try database.execute(
        sql: """
          UPDATE replica_bindings SET last_admitted = ?
          WHERE replica = ? AND key_id = ? AND last_admitted IS NULL
          """,
        arguments: [Int64(clamping: last), Data(replica.bytes), keyID]
      )
    }
  }

  private static let selectSites = "SELECT code, name, status, added_at FROM sites"

  private static func site(_ row: Row) -> SiteRecord {
    SiteRecord(
      code: row["code"],
      name: row["name"],
      isRevoked: row["status"] == "revoked",
      addedAt: row["added_at"]
    )
  }
}

extension SQLiteCenterTransaction {
  func devices(site: String?) throws -> [DeviceRecord] {
    try Row.fetchAll(
      database,
      sql: "\(Self.selectDevices) WHERE ?1 IS NULL OR site = ?1 ORDER BY rowid",
      arguments: [site]
    ).map(Self.device)
  }

  func device(_ keyID: String) throws -> DeviceRecord? {
    try Row.fetchOne(
      database.cachedStatement(sql: "\(Self.selectDevices) WHERE key_id = ?"),
      arguments: [keyID]
    ).map(Self.device)
  }

  func device(publicKey: Data) throws -> DeviceRecord? {
    try Row.fetchOne(
      database,
      sql: "\(Self.selectDevices) WHERE public_key = ?",
      arguments: [publicKey]
    ).map(Self.device)
  }

  func insert(_ device: DeviceRecord) throws {
    try database.execute(
      sql: """
        INSERT INTO devices (key_id, site, public_key, role, status, enrolled_at)
        VALUES (?, ?, ?, ?, ?, ?)
        """,
      arguments: [
        device.keyID, device.site, device.publicKey, device.role.rawValue,
        device.isRevoked ? "revoked" : "active", device.enrolledAt,
      ]
    )
  }

  func noteSeen(keyID: String, now: Int) throws {
    try database.execute(
      sql: "UPDATE devices SET last_seen_at = ? WHERE key_id = ?",
      arguments: [now, keyID]
    )
  }

  private static let selectDevices = """
    SELECT key_id, site, public_key, role, status, enrolled_at, last_seen_at, model_version,
      successor FROM devices
    """

  private static func device(_ row: Row) throws -> DeviceRecord {
    guard let role = DeviceRole(rawValue: row["role"]) else {
      throw CenterError.storage("a device has an unknown role")
    }
    return DeviceRecord(
      keyID: row["key_id"],
      site: row["site"],
      publicKey: row["public_key"],
      role: role,
      isRevoked: row["status"] == "revoked",
      enrolledAt: row["enrolled_at"],
      lastSeenAt: row["last_seen_at"],
      modelVersion: (row["model_version"] as Int64?).map { UInt64(clamping: $0) },
      successor: row["successor"]
    )
  }
}

extension SQLiteCenterTransaction {
  func enrolmentCodes(site: String) throws -> [EnrolmentCodeRecord] {
    try Row.fetchAll(
      database,
      sql: """
        SELECT id, site, derived_key, expires_at, used_by FROM enrolment_codes
        WHERE site = ? ORDER BY id DESC
        """,
      arguments: [site]
    ).map { row in
      EnrolmentCodeRecord(
        id: row["id"],
        site: row["site"],
        derivedKey: row["derived_key"],
        expiresAt: row["expires_at"],
        usedBy: row["used_by"]
      )
    }
  }

  func insertEnrolmentCode(site: String, derivedKey: Data, now: Int, expiresAt: Int) throws {
    try database.execute(
      sql: """
        INSERT INTO enrolment_codes (site, derived_key, created_at, expires_at)
        VALUES (?, ?, ?, ?)
        """,
      arguments: [site, derivedKey, now, expiresAt]
    )
  }

  func useEnrolmentCode(_ id: Int, keyID: String, now: Int) throws -> Bool {
    try database.execute(
      sql: """
        UPDATE enrolment_codes SET used_at = ?, used_by = ?
        WHERE id = ? AND used_at IS NULL AND expires_at >= ?
        """,
      arguments: [now, keyID, id, now]
    )
    return database.changesCount == 1
  }

  func voidEnrolmentCodes(now: Int) throws -> Int {
    try database.execute(
      sql: """
        UPDATE enrolment_codes SET expires_at = ? WHERE used_at IS NULL AND expires_at >= ?
        """,
      arguments: [now - 1, now]
    )
    return database.changesCount
  }

  func useNonce(_ nonce: String, keyID: String, dropAfter: Int) throws -> Bool {
    try database.cachedStatement(
      sql: """
        INSERT INTO request_nonces (key_id, nonce, drop_after) VALUES (?, ?, ?)
        ON CONFLICT DO NOTHING
        """
    ).execute(arguments: [keyID, nonce, dropAfter])
    return database.changesCount == 1
  }

  func pruneNonces(now: Int) throws {
    try database.cachedStatement(sql: "DELETE FROM request_nonces WHERE drop_after < ?")
      .execute(arguments: [now])
  }
}
