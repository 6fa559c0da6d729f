// SPDX-License-Identifier: Apache-2.0
import Crypto
import Deidentification
import Foundation
import GRDB
import Registry
import RegistryDatabase
import Replication
import SiteReplica
import SyncProtocol

/// The stages of the workload, through the code that a site and a centre run.
struct Bench {
  /// The two replicas: `a` is a site's store, `b` a replica that begins empty.
  enum Side: String {
    case a, b
    /// A copy of `b`, to exchange changes with it.
    case copy
  }

  static let site = "BENCH"
  private static let vaultSecret = VaultSecret.keyFile(Data(repeating: 9, count: 32))
  private static let actor = Actor(who: "bench", now: 1_800_000_000)

  let folder: URL
  let workload: URL
  let study: Study
  private let start: CalendarDate

  init(folder: String, workload: String, study: String) throws {
    self.folder = URL(filePath: folder)
    self.workload = URL(filePath: workload)
    self.study = try Study.load(folder: URL(filePath: study))
    guard let start = CalendarDate(iso: "2018-01-01") else { throw BenchError.brokenWorkload }
    self.start = start
  }

  /// Makes the site's store and registers every record's patient in its vault.
  func register() throws {
    var generator = SystemRandomNumberGenerator()
    let made = try SiteStore.create(
      folder: storeFolder,
      site: Self.site,
      study: study,
      secret: Self.vaultSecret,
      actor: Self.actor,
      using: &generator
    )
    var ids = ""
    for row in try rows("forms.csv") {
      let draft = try made.store.draft(
        mrn: row[0],
        assignments: [Assignment(field: "treatment_start", text: start.iso)],
        vault: made.vault,
        using: &generator
      )
      try made.store.save(draft, vault: made.vault, actor: Self.actor, using: &generator)
      ids += "\(draft.patient)\n"
    }
    try Data(ids.utf8).write(to: folder.appending(path: "patients"))
  }

  /// Saves each record as one form.
  func create() throws {
    let store = try SiteStore.open(folder: storeFolder, study: study)
    let vault = try store.openVault(Self.vaultSecret)
    var generator = SystemRandomNumberGenerator()
    let rows = try rows("forms.csv", header: true)
    for row in rows.dropFirst() {
      let assignments = zip(rows[0], row).dropFirst().map { Assignment(field: $0, text: $1) }
      let draft = try store.draft(
        mrn: row[0],
        assignments: Array(assignments),
        vault: vault,
        using: &generator
      )
      try store.save(draft, vault: vault, actor: Self.actor, using: &generator)
    }
  }

  /// Seals the saved forms, and reads what a sync would send.
  func export() throws {
    let store = try SiteStore.open(folder: storeFolder, study: study)
    try store.seal(with: identity(.a))
    let tables = tables
    let lacking = try open(.a).read {
      try tables.batches(after: VersionVector(), limitBytes: .max, in: $0).batches
    }
    try write(lacking.map(\.bytes), to: "wire_forms")
  }

  /// Takes in batches with every check, each in a transaction of its own.
  func take(_ side: Side, _ wire: String) throws {
    let database = try open(side)
    let tables = tables
    let key = identity(side == .a ? .b : .a).privateKey.publicKey
    try forEachBatch(wire) { bytes in
      let received = try ReceivedBatch.decode(bytes)
      try received.verify(publicKey: key)
      let admission = try database.write {
        try tables.admit(received.batch, bytes: received.bytes, in: $0)
      }
      guard case .applied = admission else { throw BenchError.notApplied }
    }
    _ = try database.read { try tables.stateRoot(in: $0) }
  }

  /// Makes edits, one changeset each, and seals them.
  func edit(_ side: Side, _ file: String, to wire: String) throws {
    let patients = try patients()
    let edits = try rows(file).map { row in
      (patient: patients[Int(row[0]) ?? 0], texts: [(field: row[1], text: row[2])])
    }
    try write(try seal(edits, by: side).map(\.bytes), to: wire)
  }

  /// Saves edits at a replica and seals them, in one transaction.
  func seal(
    _ edits: [(patient: PatientID, texts: [(field: String, text: String)])],
    by side: Side,
    in opened: RegistryDatabase? = nil
  ) throws -> [SealedBatch] {
    let tables = tables
    return try (opened ?? open(side)).write { database in
      let heads = try tables.chainHeads(in: database)
      let replica = side == .a ? heads[0].replica : ReplicaID(high: 0xB, low: 0xB)
      let made = try changesets(
        edits,
        reason: "correction",
        by: replica,
        after: try tables.appliedVector(in: database),
        lamport: try tables.lamport(in: database)
      )
      try tables.applyLocal(made.map(\.changeset), in: database)
      let known = try tables.introductions(
        of: Set(edits.map(\.patient)),
        author: replica,
        in: database
      )
      let sealed = try BatchSealer.seal(
        made,
        site: Self.site,
        foreignContext: heads.filter { $0.replica != replica },
        previous: try tables.chainHead(of: replica, in: database),
        dictionaryVersion: study.dictionary.version,
        directory: PatientDirectory(references: known.references, ownCount: known.ownCount),
        identity: identity(side)
      )
      for batch in sealed {
        try tables.appendSealed(batch.batch, bytes: batch.bytes, in: database)
      }
      return sealed
    }
  }

  /// One changeset for each patient and texts in turn.
  func changesets(
    _ entries: [(patient: PatientID, texts: [(field: String, text: String)])],
    reason: String,
    by replica: ReplicaID,
    after vector: VersionVector,
    lamport: UInt64
  ) throws -> [DeidentifiedChangeset] {
    let deidentifier = Deidentifier(study: study)
    let checker = EntryChecker(study: study)
    var context = vector
    var lamport = lamport
    return try entries.map { entry in
      let entered = try entry.texts.map { name, text in
        guard let field = study.dictionary.field(name, event: "") else {
          throw BenchError.brokenWorkload
        }
        let value = try checker.parse(text, field: field)
        return EnteredWrite(event: "", reader: "", field: name, value: value)
      }
      lamport += 1
      let changeset = try deidentifier.changeset(
        dot: Dot(replica: replica, sequence: context[replica] + 1),
        lamport: lamport,
        reason: reason,
        context: context,
        patient: entry.patient,
        writes: try deidentifier.writes(entered, treatmentStart: start, birthDate: nil)
      )
      context.advance(replica, to: changeset.changeset.dot.sequence)
      return changeset
    }
  }

  /// Compares the replicas and counts the cells that both sides edited.
  func check() throws -> [String: Any] {
    var roots: [[UInt8]] = []
    var kept: [Int] = []
    var different: [Int] = []
    for side in [Side.a, .b] {
      let tables = tables
      try open(side).read { database in
        roots.append(try tables.stateRoot(in: database))
        different.append(try tables.conflicts(in: database).count)
        var cells = 0
        try tables.forEachPatient(in: database) { _, rows in
          cells += rows.values.reduce(0) { $0 + $1.values.count { $0.heads.count > 1 } }
        }
        kept.append(cells)
      }
    }
    return [
      "converged": roots[0] == roots[1] && kept[0] == kept[1], "contested": kept[0],
      "different": different[0],
    ]
  }
}

extension Bench {
  private var storeFolder: String { folder.appending(path: "store").path }

  var tables: ReplicaTables {
    ReplicaTables(
      scope: Self.site,
      decoding: ReceivedBatch.batch(of:),
      redacting: BatchRedactor.redact(_:removing:)
    )
  }

  func open(_ side: Side) throws -> RegistryDatabase {
    switch side {
    case .a:
      try RegistryDatabase.open(
        path: "\(storeFolder)/store.sqlite",
        migrations: ["replica", "site"]
      )
    case .b, .copy:
      try RegistryDatabase.open(
        path: folder.appending(path: "\(side.rawValue)/center.sqlite").path,
        migrations: ["replica"]
      )
    }
  }

  func identity(_ side: Side) -> SigningIdentity {
    let seed = SHA256.hash(data: Data("bench \(side.rawValue)".utf8))
    guard let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: Data(seed)) else {
      preconditionFailure("32 bytes are a key")
    }
    return SigningIdentity(keyID: "BENCH-\(side.rawValue)", privateKey: key)
  }

  /// The fields of each line; without quotes, as the workload has none.
  private func rows(_ name: String, header: Bool = false) throws -> [[String]] {
    let text = String(decoding: try Data(contentsOf: workload.appending(path: name)), as: UTF8.self)
    return Self.fields(text.split(separator: "\n").dropFirst(header ? 0 : 1).map(String.init))
  }

  private func patients() throws -> [PatientID] {
    let text = String(
      decoding: try Data(contentsOf: folder.appending(path: "patients")),
      as: UTF8.self
    )
    return text.split(separator: "\n").compactMap { PatientID(hex: String($0)) }
  }
}

/// Why a stage could not be run.
enum BenchError: Error {
  /// The workload's files are not those of `workload.py`.
  case brokenWorkload
  /// A batch was not applied.
  case notApplied
}
