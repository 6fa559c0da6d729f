// SPDX-License-Identifier: Apache-2.0

import Crypto
import Foundation
import RegistryDatabase
import Replication
import SyncProtocol

/// Takes the batches of one request, one after the other, within one transaction.
struct Intake {
  /// What came and what became of it.
  private(set) var receipt: Receipt
  /// The batches refused.
  private(set) var refused: [RefusedBatch] = []
  /// What the accepted batches cover.
  private(set) var received = VersionVector()
  private var applied = 0
  private let site: String
  private let now: Int

  init(site: String, keyID: String, now: Int) {
    self.site = site
    self.now = now
    receipt = Receipt(site: site, keyID: keyID, receivedAt: now)
  }

  /// Takes one batch.
  ///
  /// - Throws: What the store throws; a batch that is at fault is refused, not thrown.
  mutating func take(_ bytes: Data, in store: any CenterWriting) throws {
    receipt.sentBatches += 1
    receipt.bytes += bytes.count
    let batch: ReceivedBatch
    do {
      batch = try ReceivedBatch.decode(bytes)
    } catch {
      let isLater = if case SyncProtocolError.unknownWireVersion = error { true } else { false }
      refuse(nil, isLater ? .version : .form)
      return
    }
    receipt.sentChangesets += batch.batch.changesetCount
    do throws(BatchFault) {
      try check(batch, in: store)
    } catch {
      switch error {
      case .refused(let reason): refuse(batch.batch, reason)
      case .store(let error): throw error
      }
      return
    }
    switch try store.admit(batch.batch, bytes: batch.atRest, site: site) {
    case .applied(let changesets):
      applied += changesets
      accept(batch.batch)
    case .duplicate, .held:
      accept(batch.batch)
    case .forked:
      refuse(batch.batch, .fork)
    case .unmarked:
      refuse(batch.batch, .unmarked)
    }
  }

  /// Refuses a batch of a bundle whose bytes are not the listed ones.
  mutating func refuseDamaged() {
    receipt.sentBatches += 1
    refuse(nil, .form)
  }

  /// Keeps the receipt, and an audit entry when anything changed or was refused.
  func finish(in store: any CenterWriting) throws {
    try store.insert(receipt, refused: refused)
    try store.noteSeen(keyID: receipt.keyID, now: now)
    if applied > 0 {
      try Center.settleErasures(site: site, actor: receipt.keyID, in: store, now: now)
    }
    guard applied > 0 || !refused.isEmpty else { return }
    try store.record(
      AuditEvent(
        "batches_received",
        actor: receipt.keyID,
        subject: site,
        details: [
          "accepted_changesets": String(receipt.acceptedChangesets),
          "refused_changesets": String(receipt.refusedChangesets),
          "sent_batches": String(receipt.sentBatches),
          "state_root": Center.hexadecimal(try store.stateRoot(site: site)),
        ]
      ),
      now: now
    )
  }

  private mutating func accept(_ batch: Batch) {
    receipt.acceptedBatches += 1
    receipt.acceptedChangesets += batch.changesetCount
    received.advance(batch.replica, to: batch.lastSequence)
  }

  private mutating func refuse(_ batch: Batch?, _ reason: BatchFault.Reason) {
    let changesets = batch?.changesetCount ?? 0
    receipt.refusedBatches += 1
    receipt.refusedChangesets += changesets
    refused.append(
      RefusedBatch(
        replica: batch?.replica,
        firstSequence: batch?.firstSequence ?? 0,
        changesets: changesets,
        reason: reason.rawValue
      )
    )
  }
}

extension Intake {
  /// Checks scope, key and signature, and binds a new replica to the key that signed.
  private func check(
    _ received: ReceivedBatch,
    in store: any CenterWriting
  ) throws(BatchFault) {
    let batch = received.batch
    guard batch.site == site else { throw .refused(.scope) }
    let binding = try BatchFault.storing { try store.binding(of: batch.replica) }
    guard binding.map({ $0.site == site }) ?? true else { throw .refused(.scope) }
    guard
      let device = try BatchFault.storing({
        try Self.signer(of: received, binding, in: store)
      }), device.site == site
    else { throw .refused(.signature) }
    if device.keyID != batch.keyID {
      // A name that was lost in a restore is no other key's; one that is, is a false name.
      let named = try BatchFault.storing { try store.device(batch.keyID) }
      guard named == nil else { throw .refused(.signature) }
    }
    guard received.publicKey.isEmpty || received.publicKey == device.publicKey else {
      throw .refused(.signature)
    }
    if device.isRevoked {
      // What was admitted before the key was revoked stays good, also when another device sends it.
      guard let last = binding?.lastAdmitted, batch.lastSequence <= last else {
        throw .refused(.revoked)
      }
    }
    let signer = try BatchFault.storing { try Self.voucher(of: received, device, in: store) }
    guard let signer, signer.site == site,
      let key = try? Curve25519.Signing.PublicKey(rawRepresentation: signer.publicKey),
      (try? received.verify(publicKey: key)) != nil
    else { throw .refused(.signature) }
    if binding == nil {
      try BatchFault.storing {
        try store.bind(batch.replica, site: site, keyID: device.keyID, now: now)
      }
    }
  }

  /// Whose signature a batch bears: its author's, or for what is left of one after an erasure that of
  /// the device of the site that hands it on.
  private static func voucher(
    of received: ReceivedBatch,
    _ author: DeviceRecord,
    in store: any CenterReading
  ) throws -> DeviceRecord? {
    if received.batch.redaction == nil { return author }
    guard let voucher = try store.device(received.voucher), !voucher.isRevoked else { return nil }
    return voucher
  }

  /// Whose key must have signed a batch.
  ///
  /// A first batch carries its key, and that decides: after a restore the device may have been
  /// enrolled again under another name than the one in the batches that it sealed before.
  private static func signer(
    of received: ReceivedBatch,
    _ binding: ReplicaBinding?,
    in store: any CenterReading
  ) throws -> DeviceRecord? {
    if let binding { return try store.device(binding.keyID) }
    if !received.publicKey.isEmpty { return try store.device(publicKey: received.publicKey) }
    return try store.device(received.batch.keyID)
  }
}

/// Why a batch goes no further: its own fault, or the store's.
enum BatchFault: Error {
  case refused(Reason)
  case store(any Error)

  /// The reason codes that travel.
  enum Reason: String {
    case form, scope, signature, fork, revoked, version, unmarked
  }

  static func storing<Result>(_ body: () throws -> Result) throws(BatchFault) -> Result {
    do {
      return try body()
    } catch { throw .store(error) }
  }
}
