// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Registry
import RegistryDatabase
import Replication
import SiteReplica
import SyncProtocol
import TestSupport

/// One device of a site: the production store on real files, and its own clock.
final class SimulatedDevice {
  /// A copy of a device's files, made by the program or as they lay there.
  struct Backup {
    let path: String
    let isByProgram: Bool
    /// The tokens of the changes that were on the device.
    let tokens: Set<Int>
  }

  let name: String
  let site: String
  private let scratch: ScratchFolder
  private(set) var study: Study
  private(set) var store: SiteStore
  private var generation = 0
  private(set) var backups: [Backup] = []
  var isOnline = true
  var isRevoked = false
  /// Seconds that its clock is ahead of the centre's.
  var clockSkew = 0

  var folder: String { store.folder }
  private var file: String { "\(folder)/\(SiteStore.fileName)" }

  init(name: String, site: String, scratch: ScratchFolder, study: Study, store: SiteStore) {
    (self.name, self.site, self.scratch, self.study, self.store) =
      (name, site, scratch, study, store)
  }

  /// A second machine with this one's files.
  func clone(named other: String) throws -> SimulatedDevice {
    let target = "\(scratch.path)/\(other)-0"
    try ScratchFolder.copy(folder, to: target)
    let device = SimulatedDevice(
      name: other,
      site: site,
      scratch: scratch,
      study: study,
      store: try SiteStore.open(folder: target, study: study)
    )
    device.isRevoked = isRevoked
    return device
  }

  private func nextFolder() -> String {
    generation += 1
    return "\(scratch.path)/\(name)-\(generation)"
  }

  private func open(_ folder: String) throws {
    store = try SiteStore.open(folder: folder, study: study)
  }

  /// Goes on with a program that knows more fields.
  func upgrade(to study: Study) throws {
    self.study = study
    try crash(tornBytes: [])
  }

  /// How far its log has come.
  func logMark() -> LogMark { LogMark(of: file) }

  /// Loses its power: the files as they lie there, and a torn end of the log, are opened again.
  func crash(tornBytes: [UInt8]) throws {
    let target = nextFolder()
    try ScratchFolder.copy(folder, to: target)
    let log = "\(target)/\(SiteStore.fileName)-wal"
    if !tornBytes.isEmpty, let handle = FileHandle(forWritingAtPath: log) {
      try handle.seekToEnd()
      try handle.write(contentsOf: Data(tornBytes))
      try handle.close()
    }
    try open(target)
  }

  /// Loses its power at one of the writes since a moment; false when that cannot be told.
  func crash(since start: LogMark, using generator: inout SeededGenerator) throws -> Bool {
    guard let size = start.cut(before: logMark(), using: &generator) else { return false }
    let target = nextFolder()
    try ScratchFolder.copy(folder, to: target)
    try ScratchFolder.cutLog(of: "\(target)/\(SiteStore.fileName)", at: size)
    try open(target)
    return true
  }

  /// Makes a backup: as the command does, or of the files.
  func backUp(byProgram: Bool, _ reader: ChangeReader) throws {
    let target = "\(scratch.path)/\(name)-backup-\(backups.count)"
    if byProgram {
      try store.backup(to: target)
    } else {
      try ScratchFolder.copy(folder, to: target)
    }
    let tokens = try changes(reader).tokens
    backups.append(Backup(path: target, isByProgram: byProgram, tokens: tokens))
  }

  /// Goes on from a backup.
  func restore(
    _ backup: Backup,
    now: Int,
    using generator: inout SeededGenerator
  ) throws {
    let target = nextFolder()
    if backup.isByProgram {
      try SiteStore.restore(
        from: backup.path,
        to: target,
        study: study,
        actor: Actor(who: name, now: now + clockSkew),
        using: &generator
      )
    } else {
      try ScratchFolder.copy(backup.path, to: target)
    }
    try open(target)
  }

  /// Leaves room for a number of pages more on the disk, or for any number.
  func setFreePages(_ count: Int?) throws {
    try store.database.write { database in
      let used = try Int.fetchOne(database, sql: "PRAGMA page_count") ?? 0
      let limit = count.map { used + $0 } ?? 1_073_741_823
      _ = try Int.fetchOne(database, sql: "PRAGMA max_page_count = \(limit)")
    }
  }

  /// Forgets all heads and their digest, as a program with a fault might.
  func loseHeads() throws {
    try store.database.write { database in
      try database.execute(sql: "DELETE FROM head_row")
      try database.execute(sql: "UPDATE log_scope SET digest = zeroblob(4096)")
    }
  }

  /// Every change here, sealed or not.
  func changes(_ reader: ChangeReader) throws -> [KnownChange] {
    try store.database.read { database in
      let logged = try store.tables.batches(
        after: VersionVector(),
        limitBytes: .max,
        in: database
      )
      return try logged.batches.flatMap { entry in
        try reader.read(entry, site: site) { try store.tables.resolved($0, in: database) }.changes
      }
        + store.pendingChangesets(in: database).map { reader.known($0, site: site) }
    }
  }

  /// The tokens of the changes that no batch has yet.
  func unsealed(_ reader: ChangeReader) throws -> Set<Int> {
    try store.database.read { database in
      try store.pendingChangesets(in: database).map { reader.known($0, site: site) }.tokens
    }
  }

  /// The newest release that was taken into use here.
  func modelVersion() throws -> UInt64 { try store.signedModelVersion() }

  /// The merged rows here.
  func rows() throws -> [RowAddress: RowHeads] {
    try store.database.read { database in
      var rows: [RowAddress: RowHeads] = [:]
      try store.tables.forEachPatient(in: database) { _, found in rows.merge(found) { $1 } }
      return rows
    }
  }

  /// What the log has, and whether anything is not sealed.
  func state() throws -> (vector: VersionVector, hasPending: Bool) {
    try store.database.read { database in
      (try store.tables.vector(in: database), try store.hasPending(in: database))
    }
  }
}
