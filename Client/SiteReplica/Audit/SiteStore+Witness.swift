// SPDX-License-Identifier: Apache-2.0

import Crypto
import Foundation
import GRDB
public import SyncProtocol

/// What a site found when it last looked at the centre's audit log.
public enum AuditFinding: Sendable, Equatable {
  /// The centre said nothing new.
  case unchanged
  /// The log continues what this site saw before; its size now.
  case continued(size: UInt64)
  /// The log lost entries with a restore, and goes on with the word of the root keys.
  case restored(at: Int, size: UInt64)
  /// The log is not what this site saw before, or was not signed by the centre.
  case refused(AuditLogRefusal)
}

/// One checkpoint of the centre's audit log that this site keeps.
public struct WitnessedCheckpoint: Sendable, Equatable {
  /// When it came, Unix seconds.
  public let at: Int
  /// Whether it continued the one before.
  public let isContinuation: Bool
  /// The centre's signed note.
  public let note: String
}

extension SiteStore {
  private static let selectSeen = """
    SELECT note FROM site_witness WHERE is_continuation ORDER BY number DESC LIMIT 1
    """
  private static let selectAll =
    "SELECT at, is_continuation, note FROM site_witness ORDER BY number"
  private static let insert = """
    INSERT OR IGNORE INTO site_witness (at, is_continuation, note) VALUES (?, ?, ?)
    """

  /// The checkpoints of the centre's audit log that came here, oldest first.
  ///
  /// Those that did not continue the log are kept too: they are the evidence.
  public func witnessedCheckpoints() throws(SiteReplicaError) -> [WitnessedCheckpoint] {
    try read { database in
      try Row.fetchAll(database, sql: Self.selectAll).map {
        WitnessedCheckpoint(at: $0[0], isContinuation: $0[1], note: $0[2])
      }
    }
  }

  /// Whether the centre's audit log was, each time, the one seen before.
  public func isCenterAuditContinued() throws(SiteReplicaError) -> Bool {
    try witnessedCheckpoints().last?.isContinuation ?? true
  }

  /// The last checkpoint that continued the log.
  func seenCheckpoint(in database: Database) throws -> AuditCheckpoint? {
    guard let note = try String.fetchOne(database, sql: Self.selectSeen) else { return nil }
    guard let key = try Self.centerKey(in: database),
      let checkpoint = try? AuditCheckpoint(note: note, signedBy: key)
    else { throw SiteReplicaError.storeDamaged("checkpoint of the centre's audit log") }
    return checkpoint
  }

  /// Checks and keeps what the centre says of its audit log.
  ///
  /// A log that was forked or shortened is named, and its signed note kept as evidence. Data goes
  /// on flowing: batches prove themselves, and no hospital is cut off by a fault of the centre.
  func witness(_ answer: Data, now: Int, in database: Database) throws -> AuditFinding {
    guard !answer.isEmpty else { return .unchanged }
    guard let key = try Self.centerKey(in: database), let proof = try? AuditProof(decoding: answer)
    else { return .refused(.malformed) }
    let seen = try seenCheckpoint(in: database)
    let finding: AuditFinding
    do throws(AuditLogRefusal) {
      finding = .continued(size: try proof.checkpoint(after: seen, signedBy: key).size)
    } catch {
      finding = .refused(error)
    }
    switch finding {
    case .unchanged, .restored, .refused(.malformed), .refused(.signature): break
    case .continued, .refused(.shortened), .refused(.forked):
      let isContinuation = if case .continued = finding { true } else { false }
      try database.execute(sql: Self.insert, arguments: [now, isContinuation, proof.note])
    }
    return finding
  }
}
