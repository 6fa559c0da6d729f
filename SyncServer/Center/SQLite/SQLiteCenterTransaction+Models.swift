// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import SyncProtocol

extension SQLiteCenterTransaction {
  func plan() throws -> Data? {
    try Data.fetchOne(
      database,
      sql: "SELECT content FROM analysis_plans ORDER BY id DESC LIMIT 1"
    )
  }

  func plan(sha256: Data) throws -> Data? {
    try Data.fetchOne(
      database,
      sql: "SELECT content FROM analysis_plans WHERE sha256 = ?",
      arguments: [sha256]
    )
  }

  /// A plan registered before is registered again as the newest, so that the last one added rules.
  func insertPlan(_ content: Data, sha256: Data, now: Int) throws {
    try database.execute(
      sql: "INSERT OR REPLACE INTO analysis_plans (sha256, content, added_at) VALUES (?, ?, ?)",
      arguments: [sha256, content, now]
    )
  }

  func cuts() throws -> [DataCutSummary] {
    try Row.fetchAll(
      database,
      sql: """
        SELECT id, made_at, patients, sites, sha256, plan_sha256 FROM data_cuts
        ORDER BY made_at, rowid
        """
    ).map { row in
      DataCutSummary(
        id: row["id"],
        madeAt: row["made_at"],
        patients: row["patients"],
        sites: row["sites"],
        sha256: row["sha256"],
        planSHA256: row["plan_sha256"]
      )
    }
  }

  func cut(_ id: String) throws -> DataCut? {
    try Row.fetchOne(database, sql: "SELECT * FROM data_cuts WHERE id = ?", arguments: [id])
      .map { row in
        DataCut(
          id: row["id"],
          madeAt: row["made_at"],
          patients: row["patients"],
          sites: row["sites"],
          sha256: row["sha256"],
          planSHA256: row["plan_sha256"],
          content: row["content"]
        )
      }
  }

  func insert(_ cut: DataCut) throws {
    try database.execute(
      sql: """
        INSERT INTO data_cuts (id, made_at, patients, sites, sha256, plan_sha256, content)
        VALUES (?, ?, ?, ?, ?, ?, ?)
        """,
      arguments: [
        cut.id, cut.madeAt, cut.patients, cut.sites, cut.sha256, cut.planSHA256, cut.content,
      ]
    )
  }

  func candidate(_ id: String) throws -> ModelCandidate? {
    try Row.fetchOne(
      database,
      sql: "SELECT * FROM model_candidates WHERE id = ?",
      arguments: [id]
    ).map(Self.candidate)
  }

  func candidates() throws -> [ModelCandidate] {
    try Row.fetchAll(database, sql: "SELECT * FROM model_candidates ORDER BY made_at, rowid")
      .map(Self.candidate)
  }

  func save(_ candidate: ModelCandidate) throws {
    try database.execute(
      sql: """
        INSERT INTO model_candidates (id, cut, model_id, version, passed_gate, made_at, report,
          envelope, override_reason, released_at)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (id) DO UPDATE SET envelope = excluded.envelope,
          override_reason = excluded.override_reason, released_at = excluded.released_at
        """,
      arguments: [
        candidate.id, candidate.cut, candidate.modelID, Int64(clamping: candidate.version),
        candidate.hasPassedGate, candidate.madeAt, candidate.report,
        candidate.envelope.encoded(), candidate.overrideReason, candidate.releasedAt,
      ]
    )
  }

  private static func candidate(_ row: Row) throws -> ModelCandidate {
    ModelCandidate(
      id: row["id"],
      cut: row["cut"],
      modelID: row["model_id"],
      version: UInt64(clamping: row["version"] as Int64),
      hasPassedGate: row["passed_gate"],
      madeAt: row["made_at"],
      report: row["report"],
      envelope: try Envelope.decode(row["envelope"]),
      overrideReason: row["override_reason"],
      releasedAt: row["released_at"]
    )
  }
}

extension SQLiteCenterTransaction {
  func document(_ kind: ChannelDocumentKind, version: UInt64?) throws -> ChannelDocument? {
    try Row.fetchOne(
      database,
      sql: """
        SELECT * FROM channel_documents WHERE kind = ?1 AND (?2 IS NULL OR version = ?2)
        ORDER BY version DESC LIMIT 1
        """,
      arguments: [kind.rawValue, version.map { Int64(clamping: $0) }]
    ).map(Self.document)
  }

  func documents(_ kind: ChannelDocumentKind) throws -> [ChannelDocument] {
    try Row.fetchAll(
      database,
      sql: "SELECT * FROM channel_documents WHERE kind = ? ORDER BY version",
      arguments: [kind.rawValue]
    ).map(Self.document)
  }

  func insert(_ document: ChannelDocument, now: Int) throws {
    try database.execute(
      sql: """
        INSERT INTO channel_documents (kind, version, envelope, expires_at, published_at)
        VALUES (?, ?, ?, ?, ?)
        """,
      arguments: [
        document.kind.rawValue, Int64(clamping: document.version), document.envelope.encoded(),
        document.expiresAt, now,
      ]
    )
  }

  private static func document(_ row: Row) throws -> ChannelDocument {
    guard let kind = ChannelDocumentKind(rawValue: row["kind"]) else {
      throw CenterError.storage("a document of the model channel has an unknown kind")
    }
    return ChannelDocument(
      kind: kind,
      version: UInt64(clamping: row["version"] as Int64),
      envelope: try Envelope.decode(row["envelope"]),
      expiresAt: row["expires_at"]
    )
  }
}
