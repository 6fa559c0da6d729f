// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import RegistryDatabase

/// One check of a store and what it found.
public struct StoreCheck: Sendable, Equatable, Encodable {
  /// What was checked.
  public let name: String
  /// Whether it is as it should be.
  public let isGood: Bool
  /// What was found, in words.
  public let finding: String
}

extension SiteStore {
  /// Undoes a trial inside a transaction.
  private struct Undone: Error { let isEqual: Bool }

  /// Checks files, database, log, heads, audit, keys and clock; changes nothing.
  ///
  /// - Parameter now: This clock, Unix seconds.
  /// - Returns: Every check, good ones too.
  /// - Throws: `SiteReplicaError` when the store cannot be read at all.
  public func diagnose(now: Int) throws(SiteReplicaError) -> [StoreCheck] {
    var checks = [modeCheck(), keyCheck()]
    checks += try databaseChecks()
    checks.append(try headsCheck())
    checks += try stateChecks(now: now)
    checks.append(try erasureCheck())
    return checks
  }

  private func modeCheck() -> StoreCheck {
    let names = ["", "/\(Self.fileName)", "/vault.sqlite", "/\(DeviceKey.fileName)"]
    let open = names.filter { name in
      let path = folder + name
      let mode = try? FileManager.default.attributesOfItem(atPath: path)[.posixPermissions]
      return ((mode as? Int) ?? 0o777) & 0o077 != 0
    }
    return StoreCheck(
      name: "permissions",
      isGood: open.isEmpty,
      finding: open.isEmpty
        ? "only this user may read the store"
        : "other users may read, or nobody finds: "
          + open.map { $0.isEmpty ? "the folder" : String($0.dropFirst()) }
          .joined(separator: ", ")
    )
  }

  private func keyCheck() -> StoreCheck {
    do throws(SiteReplicaError) {
      _ = try deviceKey()
      return StoreCheck(name: "device key", isGood: true, finding: "present")
    } catch {
      return StoreCheck(name: "device key", isGood: false, finding: "missing or not usable")
    }
  }

  private func databaseChecks() throws(SiteReplicaError) -> [StoreCheck] {
    let integrity = try read { database in
      try String.fetchAll(database, sql: "PRAGMA integrity_check(3)")
    }
    // Asked on the writing connection: reading ones do not matter for durability.
    let synchronous = try write { try Int.fetchOne($0, sql: "PRAGMA synchronous") ?? -1 }
    return [
      StoreCheck(
        name: "database",
        isGood: integrity == ["ok"],
        finding: integrity == ["ok"] ? "sound" : integrity.joined(separator: "; ")
      ),
      StoreCheck(
        name: "durability",
        isGood: synchronous == 2,
        finding: synchronous == 2
          ? "saves reach the disk before they are confirmed" : "synchronous is \(synchronous)"
      ),
    ]
  }

  /// Rebuilds the heads from the log in a transaction that is undone, and compares digests.
  private func headsCheck() throws(SiteReplicaError) -> StoreCheck {
    var isEqual = false
    do {
      try database.write { database in
        let present = try tables.stateRoot(in: database)
        try tables.rebuildHeads(in: database)
        throw Undone(isEqual: try tables.stateRoot(in: database) == present)
      }
    } catch let undone as Undone {
      isEqual = undone.isEqual
    } catch {
      throw StoreFailure.translate(error)
    }
    return StoreCheck(
      name: "record",
      isGood: isEqual,
      finding: isEqual
        ? "the values shown are those of the log" : "the values shown differ from the log"
    )
  }

  private func stateChecks(now: Int) throws(SiteReplicaError) -> [StoreCheck] {
    let auditBreak = try firstAuditBreak()
    let status = try status()
    let isCenterAuditGood = try isCenterAuditContinued()
    let isClockGood = (status.lastSync ?? 0) <= now + 300
    return [
      StoreCheck(
        name: "audit trail",
        isGood: auditBreak == nil,
        finding: auditBreak.map { "entry \($0) was changed" } ?? "no entry was changed"
      ),
      StoreCheck(
        name: "centre's audit log",
        isGood: isCenterAuditGood,
        finding: isCenterAuditGood
          ? "only added to, as far as this device has seen"
          : "not the one seen before: keep this store, and tell every site"
      ),
      StoreCheck(
        name: "clock",
        isGood: isClockGood,
        finding: isClockGood ? "plausible" : "earlier than the last sync: check date and time"
      ),
      StoreCheck(
        name: "versions",
        isGood: true,
        finding: status.waitingChangesets + status.unknownValues == 0
          ? "every change can be shown"
          : "\(status.waitingChangesets) changes need a newer program, "
            + "\(status.unknownValues) values a newer study: upgrade this device"
      ),
      StoreCheck(
        name: "outbox",
        isGood: true,
        finding: "\(status.unsent) changes not yet sent"
      ),
    ]
  }
}
