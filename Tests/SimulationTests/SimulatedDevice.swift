// SPDX-License-Identifier: Apache-2.0

import Deidentification
import Foundation
import GRDB
import Registry
import RegistryDatabase
import Replication
import SyncProtocol

@testable import SiteReplica

/// One device of a site: the production store on real files, and its own clock.
final class SimulatedDevice {
  let name: String
  let site: String
  private let scratch: ScratchFolder
  private let study: Study
  private(set) var store: SiteStore
  private var generation = 0
  private(set) var backups: [String] = []
  var isOnline = true
  /// Seconds that its clock is ahead of the centre's.
  var clockSkew = 0
  /// Why it can no longer be told to seal: none in a correct program.
  var lastError: SiteReplicaError?

  var folder: String { store.folder }

  init(name: String, site: String, scratch: ScratchFolder, study: Study, store: SiteStore) {
    (self.name, self.site, self.scratch, self.study, self.store) =
      (name, site, scratch, study, store)
  }

  /// A second machine with this one's files.
  func clone(named other: String) throws -> SimulatedDevice {
    let target = "\(scratch.path)/\(other)-0"
    try ScratchFolder.copy(folder, to: target)
    return SimulatedDevice(
      name: other,
      site: site,
      scratch: scratch,
      study: study,
      store: try SiteStore.open(folder: target, study: study)
    )
  }

  /// A folder for files to come.
  func nextFolder() -> String {
    generation += 1
    return "\(scratch.path)/\(name)-\(generation)"
  }

  /// Goes on from files as they lie in a folder.
  func open(_ folder: String) throws { store = try SiteStore.open(folder: folder, study: study) }

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

  /// Makes a backup as the command does.
  func backUp() throws {
    let target = "\(scratch.path)/\(name)-backup-\(backups.count)"
    try store.database.checkpoint()
    try ScratchFolder.copy(folder, to: target)
    backups.append(target)
  }

  /// Goes on from a backup.
  func restore(_ backup: String) throws {
    let target = nextFolder()
    try ScratchFolder.copy(backup, to: target)
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

  /// Every changeset here, sealed or not.
  func changesets() throws -> [Changeset] {
    try store.database.read { database in
      let logged = try store.tables.batches(
        after: VersionVector(),
        limitBytes: .max,
        in: database
      )
      return try logged.batches.flatMap { entry in
        let batch = try ReceivedBatch.decode(entry.bytes).batch
        return try store.tables.resolved(batch, in: database)?.changesets ?? []
      }
        + store.pendingChangesets(in: database)
    }
  }

  /// The merged rows here.
  func rows() throws -> [RowAddress: RowHeads] {
    try store.database.read { database in
      var rows: [RowAddress: RowHeads] = [:]
      try store.tables.forEachPatient(in: database) { _, found in rows.merge(found) { $1 } }
      return rows
    }
  }

  /// Saves a form that shows what stands now; returns the changeset's dot.
  func save(
    _ patient: PatientID,
    _ values: [String: Value],
    vault: Vault,
    now: Int,
    using generator: inout SeededGenerator
  ) throws -> Dot? {
    let row = RowAddress(patient: patient, event: "baseline", reader: "")
    let heads = try store.database.read { try store.tables.row(row, in: $0) }
    var writes: [DeidentifiedWrite] = []
    var shown: [Address: [Dot]] = [:]
    for (field, value) in values.sorted(by: { $0.key < $1.key }) {
      writes.append(
        try store.deidentifier.write(
          event: "baseline",
          reader: "",
          field: field,
          value: value
        )
      )
      shown[Address(row: row, field: field)] = heads[field]?.heads.map(\.dot) ?? []
    }
    let draft = FormDraft(
      patient: patient,
      isNew: false,
      warnings: [],
      identity: [:],
      writes: writes,
      shown: shown,
      isResolution: false
    )
    return try store.save(
      draft,
      vault: vault,
      actor: Actor(who: name, now: now + clockSkew),
      using: &generator
    )
  }
}
