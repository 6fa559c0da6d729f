// SPDX-License-Identifier: Apache-2.0

import Center
import CenterService
import Crypto
import Foundation
import Registry
import RegistryDatabase
import Replication
import RiskModel
import SyncProtocol
import TestSupport

/// The production centre below the sockets: its handler, verifier, use cases and SQLite store.
final class SimulatedCenter {
  static let authority = "center.example:8443"
  private let scratch: ScratchFolder
  private let identity: SigningIdentity
  /// The first three are the model's and the root's, the first of them the timestamp's too.
  private let keys: [Curve25519.Signing.PrivateKey]
  private let seed: ModelRelease
  private var generation = 0
  private(set) var store: FaultyCenterStore
  var now: Int
  /// Seconds that its clock is wrong by.
  var clockSkew = 0
  private var backups: [String] = []
  /// How many copies were ever made.
  private var copies = 0
  /// When its newest life began; 0 for a centre that was never put back.
  private(set) var restoredAt = 0

  private var folder: String { "\(scratch.path)/center-\(generation)" }

  init(
    scratch: ScratchFolder,
    now: Int,
    study: Study,
    using generator: inout SeededGenerator
  ) throws {
    self.scratch = scratch
    self.now = now
    let keys = try (0..<4).map { _ in try Self.key(using: &generator) }
    self.keys = keys
    seed = try ModelRelease.decode(Data(study.seedModelBytes))
    identity = SigningIdentity(keyID: "center/1", privateKey: keys[3])
    try FileManager.default.createDirectory(
      atPath: "\(scratch.path)/center-0",
      withIntermediateDirectories: true
    )
    store = try FaultyCenterStore.open("\(scratch.path)/center-0/center.sqlite")
    var root = try ModelChannelAuthor.root(
      version: 1,
      expires: now + 86_400 * 365,
      rootKeys: keys.prefix(3).map(\.publicKey),
      modelKeys: keys.prefix(3).map(\.publicKey),
      timestampKeys: [keys[0].publicKey]
    )
    for key in keys.prefix(2) { try root.sign(by: key) }
    try center.initialise(
      CenterIdentity(
        name: "Simulated centre",
        keyID: identity.keyID,
        publicKey: identity.privateKey.publicKey.rawRepresentation,
        hosts: [Self.authority],
        serverFingerprint: "00"
      ),
      root: root,
      plan: Data(study.planBytes),
      now: now
    )
    try release(seed.version)
  }

  private static func key(
    using generator: inout SeededGenerator
  ) throws -> Curve25519.Signing.PrivateKey {
    let seed = Data((0..<32).map { _ in UInt8.random(in: 0...255, using: &generator) })
    return try Curve25519.Signing.PrivateKey(rawRepresentation: seed)
  }

  var center: Center { Center(store: store) }

  /// Answers as the service does, below TLS and HTTP.
  func answer(_ request: HTTPRequestMessage) -> HTTPResponseMessage {
    let now = now + clockSkew
    let handler = ServiceHandler(
      center: center,
      identity: identity,
      authorities: ServiceAuthorities(hosts: [Self.authority]),
      noncesKnownFrom: (try? center.noncesKnownFrom()) ?? 0,
      clock: { now }
    )
    return handler.answer(request, servedAt: 8443).response
  }

  /// Loses its power: the files as they lie there are opened again.
  func crash() throws { try open(folder) }

  /// Loses its power while it answers, at one of the writes; nobody gets the answer.
  ///
  /// - Returns: Whether it did; else it has answered and goes on.
  func crash(
    answering request: HTTPRequestMessage,
    using generator: inout SeededGenerator
  ) throws -> Bool {
    let file = "\(folder)/center.sqlite"
    let start = LogMark(of: file)
    _ = answer(request)
    guard let size = start.cut(before: LogMark(of: file), using: &generator) else { return false }
    let next = "\(scratch.path)/center-\(generation + 1)"
    try ScratchFolder.copy(folder, to: next)
    try ScratchFolder.cutLog(of: "\(next)/center.sqlite", at: size)
    store = try FaultyCenterStore.open("\(next)/center.sqlite")
    generation += 1
    return true
  }

  /// Reads a bundle and writes one for its site.
  func exchange(bundle: Data, site: String) throws -> (intake: BundleIntake, answer: Data) {
    let intake = try center.readBundle(bundle, now: now + clockSkew)
    let answer = try center.makeBundle(for: site, identity: identity, now: now + clockSkew)
    return (intake, answer.bytes)
  }

  /// Keeps a copy of the files as they lie there.
  func backUp() throws {
    copies += 1
    let target = "\(scratch.path)/center-backup-\(copies)"
    try ScratchFolder.copy(folder, to: target)
    backups.append(target)
  }

  /// Goes on from an old copy, as the command does; false when there is none.
  func restore(using generator: inout SeededGenerator) throws -> Bool {
    guard let index = backups.indices.randomElement(using: &generator) else { return false }
    try open(backups[index])
    // A later copy is of a log that is over: no statement explains a return to it (ADR 18).
    backups.removeSubrange((index + 1)...)
    // Who puts a machine back sets its clock.
    clockSkew = 0
    restoredAt = now
    _ = try center.beginAnew(
      from: "",
      madeAt: now,
      timestampKey: keys[0],
      epoch: Data((0..<16).map { _ in UInt8.random(in: 0...255, using: &generator) }),
      knowsRevocations: true,
      now: now
    )
    var statement = try center.auditBreak().envelope()
    for key in keys.prefix(2) { try statement.sign(by: key) }
    try center.publishAuditBreak(statement, now: now)
    return true
  }

  /// Releases the study's first model under a version.
  func release(_ version: UInt64) throws {
    let release = try Self.renumbered(seed, version)
    let candidate = try center.addCandidate(
      release.encoded(),
      modelID: release.modelID,
      version: version,
      cut: nil,
      report: Data("{}".utf8),
      hasPassedGate: false,
      now: now
    )
    for key in keys.prefix(2) {
      _ = try center.sign(candidate.id, key: key, overrideReason: nil, now: now)
    }
    _ = try center.release(candidate.id, timestampKey: keys[0], now: now)
  }

  private static func renumbered(_ seed: ModelRelease, _ version: UInt64) throws -> ModelRelease {
    ModelRelease(
      modelID: seed.modelID,
      version: version,
      name: seed.name,
      status: seed.status,
      outcome: seed.outcome,
      predictors: seed.predictors,
      intercept: seed.intercept,
      coefficients: seed.coefficients,
      covariance: seed.covariance,
      cutoff: seed.cutoff,
      isExternallyValidated: seed.isExternallyValidated,
      statement: seed.statement,
      warnings: seed.warnings,
      card: seed.card,
      vectors: seed.vectors
    )
  }

  private func open(_ source: String) throws {
    let next = "\(scratch.path)/center-\(generation + 1)"
    try ScratchFolder.copy(source, to: next)
    store = try FaultyCenterStore.open("\(next)/center.sqlite")
    generation += 1
  }
}

/// The SQLite store, whose next transaction can fail before or after its commit.
final class FaultyCenterStore: CenterStore {
  enum Fault: Sendable { case none, beforeCommit, afterCommit }

  private let store: SQLiteCenterStore
  private let plan: FaultPlan

  private init(_ store: SQLiteCenterStore) {
    self.store = store
    plan = FaultPlan()
  }

  static func open(_ path: String) throws -> FaultyCenterStore {
    FaultyCenterStore(try SQLiteCenterStore.open(path: path))
  }

  /// Lets a transaction fail after some others.
  func fail(_ fault: Fault, after writes: Int) { plan.set(fault, after: writes) }

  func write<Result: Sendable>(
    _ body: (any CenterWriting) throws -> Result
  ) throws(CenterError) -> Result {
    let fault = plan.take()
    let result = try store.write { (transaction) throws -> Result in
      let result = try body(transaction)
      if fault == .beforeCommit { throw CenterError.storage("simulated: before the commit") }
      return result
    }
    if fault == .afterCommit { throw .storage("simulated: after the commit") }
    return result
  }

  func compact() throws(CenterError) { try store.compact() }

  func read<Result: Sendable>(
    _ body: (any CenterReading) throws -> Result
  ) throws(CenterError) -> Result {
    try store.read(body)
  }
}
