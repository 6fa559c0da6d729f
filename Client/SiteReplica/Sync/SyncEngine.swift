// SPDX-License-Identifier: Apache-2.0

import Crypto
import Foundation
import GRDB
import RegistryDatabase
import Replication
public import SyncProtocol

/// Exchanges batches with the centre until neither side lacks anything of the other.
///
/// Transport, clock and randomness are arguments, so that many sites can run in one thread under a
/// seed. An idle sync is one request.
public struct SyncEngine: Sendable {
  /// The most bytes of batches in one request.
  ///
  /// The centre gives a whole request a minute: a line of 150 kbit/s must do.
  public static let pushLimitBytes = 1 << 20
  /// The most requests of one sync.
  public static let requestLimit = 4096

  let store: SiteStore
  let transport: any SyncTransport
  let clock: @Sendable () -> Int
  let progress: @Sendable (SyncProgress) -> Void
  let pause: SyncPause?
  /// The most bytes of batches in one request and in one reply.
  let limits: (push: Int, reply: UInt32)

  /// Prepares a sync.
  ///
  /// - Parameters:
  ///   - store: The store; it must be enrolled.
  ///   - transport: The way to the centre.
  ///   - clock: Seconds since 1970.
  ///   - limitBytes: The most bytes of batches in one request and in one reply; a single batch
  ///     that is larger goes alone.
  ///   - progress: Called after each request.
  ///   - pause: Waits when the centre asks to; nil ends the sync with `RemoteFailure.busy`.
  public init(
    store: SiteStore,
    transport: any SyncTransport,
    clock: @escaping @Sendable () -> Int,
    limitBytes: Int = SyncEngine.pushLimitBytes,
    progress: @escaping @Sendable (SyncProgress) -> Void = { _ in },
    pause: SyncPause? = nil
  ) {
    self.store = store
    self.transport = transport
    self.clock = clock
    self.limits = (limitBytes, UInt32(clamping: limitBytes))
    self.progress = progress
    self.pause = pause
  }

  /// Seals what is pending, exchanges batches, compares digests, and fetches a newer model.
  ///
  /// - Throws: `SiteReplicaError`; whatever was exchanged before stands, and the next sync goes on
  ///   from there.
  public func run(
    actor: Actor,
    using generator: inout some RandomNumberGenerator
  ) async throws(SiteReplicaError) -> SyncReport {
    if try store.hasUnfinishedRotation() {
      _ = try await store.rotateKey(
        transport: transport,
        actor: actor,
        clock: clock,
        using: &generator
      )
    }
    let enrollment = try store.enrollment()
    let identity = SigningIdentity(
      keyID: enrollment.keyID,
      privateKey: try store.deviceKey()
    )
    let kept: Int? = try store.read { try StoreMeta.integer(.clockOffset, in: $0) }
    let offset = kept ?? 0
    var connection = CenterConnection(
      transport: transport,
      identity: identity,
      enrollment: enrollment,
      clockOffset: offset,
      clock: clock,
      pause: pause
    )
    var report = SyncReport()
    try store.applyKept(with: identity)
    defer { progress(SyncProgress(requests: connection.requests, unsent: 0, isDone: true)) }
    let reply = try await exchange(
      &connection,
      identity,
      &report,
      actor: actor,
      using: &generator
    )
    try compareDigests(reply, &report)
    if report.isDigestEqual == false {
      try await nameDifference(reply, &connection, &report, using: &generator)
    }
    try await fetchModel(reply.modelVersion, &connection, &report, actor, using: &generator)
    try finish(reply, connection, &report, actor: actor)
    try store.finishErasures()
    try await explainBreak(&connection, &report, actor, using: &generator)
    return report
  }

  /// Pushes and pulls until the centre has everything and has nothing more.
  private func exchange(
    _ connection: inout CenterConnection,
    _ identity: SigningIdentity,
    _ report: inout SyncReport,
    actor: Actor,
    using generator: inout some RandomNumberGenerator
  ) async throws(SiteReplicaError) -> SyncReply {
    var probe: ForkProbe?
    for _ in 0..<Self.requestLimit {
      try store.seal(with: identity)
      let asked = probe
      let outgoing: OutgoingRound = try store.read { database in
        try asked.map { try self.asking($0, in: database) }
          ?? self.outgoing(as: identity, in: database)
      }
      let reply = try await send(outgoing.request, &connection, using: &generator)
      if var question = probe {
        probe = try resume(&question, reply, identity, &report, actor, using: &generator)
        continue
      }
      let round = try take(reply, outgoing, identity, &report, actor)
      progress(
        SyncProgress(
          requests: connection.requests,
          unsent: round.unsent,
          isDone: false
        )
      )
      if !reply.hasMore, round.isSettled { return reply }
      if let forked = round.forked { probe = try startProbe(of: forked) }
      guard round.hasProgressed else { return reply }
    }
    throw .remote(.tooManyRequests(limit: Self.requestLimit))
  }

  /// Sends one request and reads the answer.
  func send(
    _ request: SyncRequest,
    _ connection: inout CenterConnection,
    using generator: inout some RandomNumberGenerator
  ) async throws(SiteReplicaError) -> SyncReply {
    let body: Data
    do throws(RemoteFailure) {
      body = try await connection.send(
        HTTPRequestMessage(
          method: "POST",
          target: SyncRoutes.sync(store.site),
          fields: [HTTPField(name: "content-type", value: SyncRoutes.syncContentType)],
          body: request.encoded()
        ),
        using: &generator
      )
    } catch {
      try rememberOffset(connection)
      throw .remote(error)
    }
    do throws(SyncProtocolError) {
      return try SyncReply(decoding: body)
    } catch {
      guard case .unknownWireVersion(let version) = error else { throw .remote(.malformedAnswer) }
      throw .remote(.versionDiffers(theirs: version, ours: SyncProtocolVersion.number))
    }
  }

  private func rememberOffset(_ connection: CenterConnection) throws(SiteReplicaError) {
    let offset = String(connection.clockOffset)
    try store.write { database in
      let present = try StoreMeta.text(.clockOffset, in: database) ?? "0"
      if present != offset { try StoreMeta.set(.clockOffset, offset, in: database) }
    }
  }

  /// Notes how the sync ended.
  private func finish(
    _ reply: SyncReply,
    _ connection: CenterConnection,
    _ report: inout SyncReport,
    actor: Actor
  ) throws(SiteReplicaError) {
    report.bytesSent = connection.bytesSent
    report.bytesReceived = connection.bytesReceived
    report.requests = connection.requests
    var draft = report
    try store.write { database in
      draft.centerAudit = try store.witness(reply.auditCheckpoint, now: clock(), in: database)
      draft.conflicts = try store.conflictRegisters(in: database).count
      draft.modelVersion = try store.modelVersion(in: database)
      draft.waitingHere = try store.tables.keptChangesets(in: database)
      draft.unknownValues = try store.unknownValues(in: database)
      try StoreMeta.set(.lastSync, String(actor.now), in: database)
      try StoreMeta.set(.clockOffset, String(connection.clockOffset), in: database)
      if let isEqual = draft.isDigestEqual {
        try StoreMeta.set(.lastDigestEqual, isEqual ? "1" : "0", in: database)
      } else {
        try StoreMeta.remove(.lastDigestEqual, in: database)
      }
      if draft.sent + draft.pulledChangesets > 0 {
        var trail = try AuditTrail(database)
        try trail.append(
          .synced,
          by: actor,
          details: #"{"pulled":\#(draft.pulledChangesets),"pushed":\#(draft.pushedChangesets)}"#
        )
      }
    }
    report = draft
  }
}

/// How far a sync has come.
public struct SyncProgress: Sendable, Equatable {
  /// Requests made so far.
  public let requests: Int
  /// Changesets that the centre still lacks.
  public let unsent: Int
  /// Whether the sync has ended, well or not.
  public let isDone: Bool
}
