// SPDX-License-Identifier: Apache-2.0

public import Foundation
import GRDB
import RegistryDatabase
import Replication
import SyncProtocol

extension SiteStore {
  /// Seals what is pending and collects what the centre lacks, for a file.
  ///
  /// Until an answer of the centre was read, the next bundle holds the same batches again.
  ///
  /// - Parameters:
  ///   - includesAll: Whether to take every batch, whatever the centre said it holds.
  ///   - actor: Who writes it, and when, for the audit trail.
  /// - Returns: The bundle; without batches it still says what this device has.
  /// - Throws: `SiteReplicaError.notEnrolled` without a key that the centre knows.
  public func makeBundle(
    includesAll: Bool = false,
    actor: Actor
  ) throws(SiteReplicaError) -> WrittenBundle {
    let identity = try signingIdentity()
    try seal(with: identity)
    return try write { database in
      let stated = includesAll ? VersionVector() : try StoreMeta.centerVector(in: database)
      let batches = try tables.batches(after: stated, limitBytes: .max, in: database).batches
      let changesets = batches.reduce(0) { $0 + Int($1.lastSequence - $1.firstSequence + 1) }
      let bytes = try SyncBundle.write(
        batches.map { try BatchRedactor.vouch(for: $0.bytes, identity: identity) },
        direction: .toCenter,
        site: site,
        state: SyncRequest(
          vector: try tables.vector(in: database),
          chainHeads: try tables.chainHeads(in: database),
          stateRoot: Data(try tables.stateRoot(in: database)),
          modelVersion: try modelVersion(in: database),
          kept: try tables.keptVector(in: database)
        ),
        identity: identity
      )
      var trail = try AuditTrail(database)
      try trail.append(
        .bundleWritten,
        by: actor,
        details: #"{"batches":\#(batches.count),"changesets":\#(changesets)}"#
      )
      return WrittenBundle(bytes: bytes, batches: batches.count, changesets: changesets)
    }
  }

  /// Takes in a bundle of the centre; reading it again changes nothing.
  ///
  /// Each whole batch is taken or refused for itself, also when the file ends too early.
  ///
  /// - Throws: `SiteReplicaError.bundleRefused` when the file as a whole is not the centre's for
  ///   this site; nothing is taken then.
  public func readBundle(
    _ bytes: Data,
    actor: Actor,
    using generator: inout some RandomNumberGenerator
  ) throws(SiteReplicaError) -> BundleReport {
    let identity = try signingIdentity()
    let bundle = try accepted(bytes)
    var report = BundleReport()
    report.missingBatches = bundle.missingCount
    try seal(with: identity)
    try applyKept(with: identity)
    if let pulled = try forkAway(by: bundle, identity, actor, using: &generator) {
      report.pulledChangesets += pulled
      report.hasForked = true
    }
    let draft = report
    report = try applyingForeign(with: identity) { database in
      var report = draft
      for (index, content) in bundle.contents.enumerated() {
        try take(content, at: index + 1, &report, now: actor.now, in: database)
      }
      try settleErasures(by: actor, in: database)
      try StoreMeta.setCenterVector(bundle.state.stored, in: database)
      try compare(with: bundle.state, &report, in: database)
      var trail = try AuditTrail(database)
      try trail.append(
        .bundleRead,
        by: actor,
        details: #"{"pulled":\#(report.pulledChangesets),"refused":\#(report.refused.count)}"#
      )
      return report
    }
    try finishErasures()
    try takeModel(of: bundle, &report, actor: actor)
    return report
  }

  /// Leaves an id of this device of which a bundle brings another history.
  ///
  /// - Returns: How many changesets came in; nil when the histories agree.
  private func forkAway(
    by bundle: SyncBundle,
    _ identity: SigningIdentity,
    _ actor: Actor,
    using generator: inout some RandomNumberGenerator
  ) throws(SiteReplicaError) -> Int? {
    let received: [ReceivedBatch] = try read { database in
      try withKnownKeys(bundle.contents.compactMap(\.received), in: database)
    }
    let center = CenterHistories(
      stored: bundle.state.stored,
      heads: bundle.state.chainHeads,
      refused: [],
      batches: received
    )
    let forked: ReplicaID? = try read { database in
      try forkedReplica(center, sent: tables.vector(in: database), in: database)
    }
    guard let forked else { return nil }
    let history = ForkHistory(
      replica: forked,
      batches: received,
      head: bundle.state.chainHeads.first { $0.replica == forked }
    )
    return try forkAway(history, identity: identity, actor: actor, using: &generator)
  }

  /// Takes a newer release that a bundle carries, by the same checks as over a line.
  ///
  /// A file may have lain for months: then its timestamp has expired, and the model stays out. An
  /// older release, as in a file that is read twice, is no fault.
  private func takeModel(
    of bundle: SyncBundle,
    _ report: inout BundleReport,
    actor: Actor
  ) throws(SiteReplicaError) {
    let (held, offset): (UInt64, Int) = try read { database in
      (
        try signedModelVersion(in: database),
        try StoreMeta.integer(.clockOffset, in: database) ?? 0
      )
    }
    if case .whole(let documents) = bundle.documents, bundle.state.modelVersion > held {
      do throws(ModelRefusal) {
        try takeModel(documents, now: actor.now + offset, actor: actor)
      } catch {
        report.modelRefusal = error
      }
    } else if bundle.documents != nil, bundle.state.modelVersion > held {
      report.modelRefusal = .untrusted(reason: "damaged")
    }
    report.modelVersion = try read { try modelVersion(in: $0) }
  }

  /// The key with which this device signs, under the name that the centre gave it.
  private func signingIdentity() throws(SiteReplicaError) -> SigningIdentity {
    SigningIdentity(
      keyID: try enrollment().keyID,
      privateKey: try deviceKey()
    )
  }

  private func accepted(_ bytes: Data) throws(SiteReplicaError) -> SyncBundle {
    let enrollment = try enrollment()
    guard let bundle = try? SyncBundle.read(bytes) else { throw .bundleRefused(.form) }
    guard bundle.direction == .toSite else { throw .bundleRefused(.forCenter) }
    guard bundle.site == site else { throw .bundleRefused(.anotherSite(bundle.site)) }
    guard (try? bundle.verify(publicKey: enrollment.centerKey)) != nil else {
      throw .bundleRefused(.signature(keyID: bundle.keyID))
    }
    return bundle
  }

  private func take(
    _ content: SyncBundle.Content,
    at position: Int,
    _ report: inout BundleReport,
    now: Int,
    in database: Database
  ) throws {
    func refuse(_ batch: Batch?, _ reason: String) {
      report.refused.append(
        BundleReport.Refusal(
          position: position,
          replica: batch?.replica,
          firstSequence: batch?.firstSequence ?? 0,
          reason: reason
        )
      )
    }
    guard case .whole(let bytes) = content else {
      if content == .damaged { refuse(nil, "damaged") }
      return
    }
    guard let received = try? ReceivedBatch.decode(bytes) else { return refuse(nil, "form") }
    guard received.batch.site == site else { return refuse(received.batch, "scope") }
    do {
      switch try admit(received, now: now, in: database) {
      case .applied(let changesets): report.pulledChangesets += changesets
      // What is here stays as it is until a mark of erasure comes, perhaps behind in the same file.
      case .held, .duplicate, .unmarked: break
      case .forked: refuse(received.batch, "fork")
      }
    } catch is SyncProtocolError {
      refuse(received.batch, "signature")
    } catch SiteReplicaError.batchRefused {
      refuse(received.batch, "signature")
    }
  }

  private func compare(
    with state: SyncRequest,
    _ report: inout BundleReport,
    in database: Database
  ) throws {
    let vector = try tables.vector(in: database)
    report.unsent = SyncEngine.unsent(vector, state.stored)
    report.conflicts = try conflictRegisters(in: database).count
    guard vector == state.vector, try tables.unmarkedPatients(in: database) == 0 else { return }
    report.isDigestEqual = try tables.stateRoot(in: database) == Array(state.stateRoot)
  }
}

extension SyncBundle.Content {
  /// The batch, when its bytes are whole and have its form.
  fileprivate var received: ReceivedBatch? {
    guard case .whole(let bytes) = self else { return nil }
    return try? ReceivedBatch.decode(bytes)
  }
}
