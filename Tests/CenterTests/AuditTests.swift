// SPDX-License-Identifier: Apache-2.0

import Center
import Crypto
import Foundation
import GRDB
import SyncProtocol
import Testing

@Suite struct AuditTests {
  @Test func `what happened is in the tree and whole`() throws {
    let centre = try TestCenter()
    _ = try centre.device(of: "HILL")
    let checkpoint = try centre.center.verifyAudit()
    let entries = try centre.center.auditEntries(from: 1, limit: 100)
    #expect(entries.map(\.sequence) == Array(1...Int(checkpoint.size)))
    #expect(entries.last?.canonical.contains("device_enrolled") == true)
    #expect(try centre.center.auditCheckpoint() == checkpoint)
  }

  @Test func `an entry cannot be changed or removed by statements`() throws {
    let centre = try TestCenter()
    let database = try DatabaseQueue(path: centre.path)
    #expect(throws: DatabaseError.self) {
      try database.write { try $0.execute(sql: "DELETE FROM audit_entries") }
    }
    #expect(throws: DatabaseError.self) {
      try database.write { try $0.execute(sql: "UPDATE audit_entries SET canonical = ''") }
    }
  }

  @Test func `a changed entry is found`() throws {
    let centre = try TestCenter()
    _ = try centre.device(of: "HILL")
    try DatabaseQueue(path: centre.path).write { database in
      try database.execute(sql: "DROP TRIGGER audit_entries_keep_update")
      try database.execute(
        sql: "UPDATE audit_entries SET canonical = replace(canonical, 'HILL', 'HALL')"
      )
    }
    #expect(throws: CenterError.auditBroken(sequence: 3)) { try centre.center.verifyAudit() }
  }

  @Test func `a removed entry is found`() throws {
    let centre = try TestCenter()
    _ = try centre.device(of: "HILL")
    try DatabaseQueue(path: centre.path).write { database in
      try database.execute(sql: "DROP TRIGGER audit_entries_keep_delete")
      try database.execute(sql: "DELETE FROM audit_entries WHERE sequence = 2")
    }
    #expect(throws: CenterError.auditBroken(sequence: 3)) { try centre.center.verifyAudit() }
  }

  @Test func `a node of the tree that was changed is found`() throws {
    let centre = try TestCenter()
    _ = try centre.device(of: "HILL")
    try DatabaseQueue(path: centre.path).write { database in
      try database.execute(sql: "UPDATE audit_nodes SET hash = zeroblob(32) WHERE level = 1")
    }
    #expect(throws: CenterError.auditBroken(sequence: 2)) { try centre.center.verifyAudit() }
  }

  @Test func `the log continues what a site saw, and not another log`() throws {
    let centre = try TestCenter()
    let seen = try centre.center.auditCheckpoint()
    _ = try centre.device(of: "HILL")
    try centre.center.verifyAudit(continues: seen)
    let other = AuditCheckpoint(size: seen.size, root: Data(repeating: 1, count: 32))
    #expect(throws: CenterError.auditForked(size: seen.size)) {
      try centre.center.verifyAudit(continues: other)
    }
    let longer = AuditCheckpoint(size: 1_000, root: seen.root)
    #expect(throws: CenterError.auditForked(size: 1_000)) {
      try centre.center.verifyAudit(continues: longer)
    }
  }

  @Test func `each answer proves the log from what the site saw`() throws {
    let centre = try TestCenter()
    var device = try centre.device(of: "HILL")
    var seen: AuditCheckpoint?
    for _ in 0..<9 {
      let reply = try centre.push([device.seal()], by: device, auditSize: seen?.size ?? 0)
      seen = try AuditProof(decoding: reply.auditCheckpoint)
        .checkpoint(after: seen, signedBy: centre.serviceKey.publicKey)
    }
    #expect(try centre.center.verifyAudit() == seen)
    let idle = try centre.push([], by: device, auditSize: seen?.size ?? 0)
    #expect(idle.auditCheckpoint.isEmpty)
  }

  @Test func `a site that saw a longer log is told where this one stands`() throws {
    let centre = try TestCenter()
    let device = try centre.device(of: "HILL")
    let longer = AuditCheckpoint(size: 1_000, root: Data(repeating: 1, count: 32))
    let reply = try centre.push([], by: device, auditSize: longer.size)
    let size = try centre.center.auditCheckpoint().size
    #expect(throws: AuditLogRefusal.shortened(from: 1_000, to: size)) {
      try AuditProof(decoding: reply.auditCheckpoint)
        .checkpoint(after: longer, signedBy: centre.serviceKey.publicKey)
    }
  }

  @Test func `every administrative act leaves an entry with its subject`() throws {
    let centre = try TestCenter()
    let (center, now) = (centre.center, TestCenter.now)
    var device = try centre.device(of: "HILL")
    _ = try centre.code(for: "HILL")
    _ = try centre.push([device.seal()], by: device)
    _ = try center.makeCut(study: centre.study, now: now)
    let candidate = try centre.candidate()
    for key in centre.modelKeys.prefix(2) {
      _ = try center.sign(candidate.id, key: key, overrideReason: nil, now: now)
    }
    _ = try center.release(candidate.id, timestampKey: centre.timestampKey, now: now)
    try center.noteBackup(sha256: "00", now: now)
    try center.revokeDevice(device.keyID, of: "HILL", now: now)
    try center.revokeSite("HILL", now: now)
    let entries = try center.auditEntries(from: 1, limit: 100).map(\.canonical)
    for act in [
      "center_initialised", "site_added", "enrolment_code_made", "device_enrolled",
      "batches_received", "cut_made", "candidate_made", "candidate_signed", "model_released",
      "backup_made", "device_revoked", "site_revoked",
    ] {
      #expect(entries.contains { $0.contains("\"\(act)\"") }, "\(act)")
    }
    #expect(entries.count { $0.contains("\"candidate_signed\"") } == 2)
    #expect(entries.count { $0.contains("\"enrolment_code_made\"") } == 2)
  }
}
