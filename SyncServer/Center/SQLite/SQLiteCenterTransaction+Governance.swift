// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Replication
import SyncProtocol

extension SQLiteCenterTransaction {
  func origin(_ kind: OriginKind, _ id: String) throws -> Data? {
    try String.fetchOne(
      database,
      sql: "SELECT content FROM analysis_origins WHERE kind = ? AND id = ?",
      arguments: [kind.rawValue, id]
    ).map { Data($0.utf8) }
  }

  func insertOrigin(_ kind: OriginKind, _ id: String, _ content: Data) throws {
    try database.execute(
      sql: "INSERT INTO analysis_origins (kind, id, content) VALUES (?, ?, ?)",
      arguments: [kind.rawValue, id, String(decoding: content, as: UTF8.self)]
    )
  }

  func publications() throws -> [TablePublication] {
    try Row.fetchAll(
      database,
      sql: "SELECT cut, published_at, content FROM table_publications ORDER BY id"
    ).map {
      TablePublication(cut: $0["cut"], publishedAt: $0["published_at"], content: $0["content"])
    }
  }

  func insert(_ publication: TablePublication) throws {
    try database.execute(
      sql: "INSERT INTO table_publications (cut, published_at, content) VALUES (?, ?, ?)",
      arguments: [publication.cut, publication.publishedAt, publication.content]
    )
  }

  func noteModel(_ version: UInt64, keyID: String) throws {
    try database.execute(
      sql: "UPDATE devices SET model_version = ? WHERE key_id = ?",
      arguments: [Int64(clamping: version), keyID]
    )
  }

  func setSuccessor(_ successor: String, of keyID: String) throws {
    try database.execute(
      sql: "UPDATE devices SET successor = ? WHERE key_id = ?",
      arguments: [successor, keyID]
    )
  }

  func setLastAdmitted(_ last: UInt64, of replica: ReplicaID) throws {
    try database.execute(
      sql: "UPDATE replica_bindings SET last_admitted = ? WHERE replica = ?",
      arguments: [Int64(clamping: last), Data(replica.bytes)]
    )
  }

  func replaceEnvelope(of document: ChannelDocument) throws {
    try database.execute(
      sql: "UPDATE channel_documents SET envelope = ? WHERE kind = ? AND version = ?",
      arguments: [
        document.envelope.encoded(), document.kind.rawValue, Int64(clamping: document.version),
      ]
    )
  }
}
