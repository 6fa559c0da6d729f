// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import SyncProtocol

extension SyncEngine {
  /// Asks a centre whose audit log was not continued for the root keys' word on it.
  ///
  /// Without that word, or when it is about something else, the break is named again at each sync;
  /// the exchange of data stands either way.
  func explainBreak(
    _ connection: inout CenterConnection,
    _ report: inout SyncReport,
    _ actor: Actor,
    using generator: inout some RandomNumberGenerator
  ) async throws(SiteReplicaError) {
    switch report.centerAudit {
    case .refused(.forked), .refused(.shortened): break
    default: return
    }
    let body: Data
    do throws(RemoteFailure) {
      body = try await connection.send(
        HTTPRequestMessage(method: "GET", target: SyncRoutes.auditBreaks(store.site)),
        using: &generator
      )
    } catch {
      // An older centre has no such route.
      return
    }
    report.bytesSent = connection.bytesSent
    report.bytesReceived = connection.bytesReceived
    report.requests = connection.requests
    guard let answer = try? JSONDecoder().decode(ExplainedBreaks.self, from: body),
      answer.breaks.count <= ExplainedBreaks.limit
    else { return }
    if let finding = try store.acceptBreak(answer.breaks, actor: actor) {
      report.centerAudit = finding
    }
  }
}

extension SiteStore {
  private static let continueFrom = """
    INSERT INTO site_witness (at, is_continuation, note) VALUES (?, 1, ?)
    ON CONFLICT (note) DO UPDATE SET is_continuation = 1
    """

  /// Goes on from the newest break that the root keys excuse; nil when they excuse none.
  func acceptBreak(
    _ breaks: [ExplainedBreak],
    actor: Actor
  ) throws(SiteReplicaError) -> AuditFinding? {
    try write { database in
      guard let key = try Self.centerKey(in: database),
        let seen = try seenCheckpoint(in: database),
        let kept = try StoreMeta.data(.modelChannel, in: database)
      else { return nil }
      let root = try JSONDecoder().decode(ModelChannelState.self, from: kept).root
      let last = try StoreMeta.integer(.auditBreak, in: database) ?? 0
      for explained in breaks.reversed() {
        guard
          let (stated, next, note) = try? explained.accepted(
            by: root,
            signedBy: key,
            seen: seen,
            after: last
          )
        else { continue }
        try database.execute(sql: Self.continueFrom, arguments: [actor.now, note])
        try StoreMeta.set(.auditBreak, String(stated.restoredAt), in: database)
        var trail = try AuditTrail(database)
        try trail.append(
          .auditBreakAccepted,
          by: actor,
          details:
            #"{"kept":\#(stated.keptSize),"restored_at":\#(stated.restoredAt),"seen":\#(seen.size)}"#
        )
        return .restored(at: stated.restoredAt, size: next.size)
      }
      return nil
    }
  }
}
