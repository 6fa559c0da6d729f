// SPDX-License-Identifier: Apache-2.0

public import Crypto
import Foundation
public import SyncProtocol

extension Center {
  /// The root document in force.
  public func root() throws(CenterError) -> TrustedRoot {
    try store.read { try Self.root(in: $0) }
  }

  /// Publishes the next root document, and a timestamp under it.
  ///
  /// Before anything is kept, a site that trusts the root before takes the step: what it would
  /// refuse is refused here. A site that enrols later trusts the new root alone, so the released
  /// model must bear enough signatures of its model keys.
  ///
  /// - Parameters:
  ///   - envelope: The root, signed by the thresholds of the one before and its own.
  ///   - model: The released model with signatures of the new model keys; nil when it has enough.
  ///   - timestampKey: A timestamp key of the new root.
  ///   - now: Seconds since 1970.
  /// - Returns: The new root.
  /// - Throws: `CenterError.rootRefused`, or `.releaseUnsigned` when the released model must be
  ///   signed anew.
  public func publish(
    root envelope: Envelope,
    model: Envelope? = nil,
    timestampKey: Curve25519.Signing.PrivateKey,
    now: Int
  ) throws(CenterError) -> TrustedRoot {
    try store.write { store in
      let before = try Self.root(in: store)
      let next: TrustedRoot
      do throws(ModelChannelRefusal) {
        next = try before.successor(envelope)
        guard now < next.expires else { throw ModelChannelRefusal.rootExpired }
      } catch { throw CenterError.rootRefused(error.rawValue) }
      try Self.resign(by: next, with: model, in: store)
      try store.insert(
        ChannelDocument(
          kind: .root,
          version: next.version,
          envelope: envelope,
          expiresAt: next.expires
        ),
        now: now
      )
      try Self.publishTimestamp(by: timestampKey, root: next, in: store, now: now)
      try Self.checkAsSite(from: before, in: store, now: now)
      let keys = RootListing(next)
      try store.record(
        AuditEvent(
          "root_rotated",
          subject: String(next.version),
          details: [
            "root_sha256": Self.hexadecimal(sha256: envelope.payload),
            "signed_by": keys.signers(of: envelope, as: .root).map { String($0.keyID.prefix(16)) }
              .joined(separator: " "),
          ]
        ),
        now: now
      )
      return next
    }
  }

  /// Puts further signatures to the released model where the new root asks for them.
  private static func resign(
    by root: TrustedRoot,
    with model: Envelope?,
    in store: any CenterWriting
  ) throws {
    guard let released = try store.document(.model, version: nil) else { return }
    var envelope = released.envelope
    if let model {
      guard model.payload == envelope.payload, model.payloadType == envelope.payloadType else {
        throw CenterError.channelDocument("the signed model is not the released one")
      }
      envelope = model
    }
    let listing = RootListing(root)
    guard root.modelKeysSigned(envelope) else {
      throw CenterError.releaseUnsigned(
        have: listing.signers(of: envelope, as: .model).count,
        need: listing.thresholds[.model] ?? 0
      )
    }
    guard envelope != released.envelope else { return }
    try store.replaceEnvelope(
      of: ChannelDocument(
        kind: .model,
        version: released.version,
        envelope: envelope,
        expiresAt: nil
      )
    )
  }

  /// Takes what was published as a site would that trusts the root before.
  private static func checkAsSite(
    from before: TrustedRoot,
    in store: any CenterReading,
    now: Int
  ) throws {
    var site = ModelChannelState(trusting: before)
    do throws(ModelChannelRefusal) {
      try site.accept(
        ModelChannelUpdate(
          roots: site.newerRoots(among: (try? store.documents(.root).map(\.envelope)) ?? [])
        ),
        now: now
      )
      try site.accept(
        ModelChannelUpdate(
          timestamp: try? store.document(.timestamp, version: nil)?.envelope,
          model: try? store.document(.model, version: nil)?.envelope
        ),
        now: now
      )
    } catch { throw CenterError.rootRefused(error.rawValue) }
  }

  /// Puts the reason for signing without the gate into a candidate that nobody has signed yet.
  ///
  /// - Throws: `CenterError.unknownCandidate` or `.alreadyReleased`.
  public func prepare(
    _ id: String,
    overrideReason: String?,
    now: Int
  ) throws(CenterError) -> ModelCandidate {
    try store.write { store in
      guard var candidate = try store.candidate(id) else {
        throw CenterError.unknownCandidate(id)
      }
      guard let overrideReason, !overrideReason.isEmpty, candidate.releasedAt == nil else {
        return candidate
      }
      try Self.applyOverride(overrideReason, to: &candidate)
      try store.save(candidate)
      return candidate
    }
  }

  /// Takes signatures that were made on other machines.
  ///
  /// Each is checked as if it were made here: by a model key, over this very candidate, with a
  /// reason of its own where the gate was not passed.
  ///
  /// - Parameters:
  ///   - signed: The candidate's document with signatures.
  ///   - reasons: Why each signer signs without the gate, by key id.
  ///   - id: The candidate.
  ///   - now: Seconds since 1970.
  /// - Returns: The candidate and how many model keys have signed it.
  /// - Throws: `CenterError` as for `sign`; `.channelDocument` when the file is another candidate's.
  public func importSignatures(
    _ signed: Envelope,
    reasons: [String: String],
    of id: String,
    now: Int
  ) throws(CenterError) -> (candidate: ModelCandidate, signatures: Int) {
    try store.write { store in
      guard var candidate = try store.candidate(id) else {
        throw CenterError.unknownCandidate(id)
      }
      guard candidate.releasedAt == nil else { throw CenterError.alreadyReleased(id) }
      guard signed.payload == candidate.envelope.payload,
        signed.payloadType == candidate.envelope.payloadType
      else { throw CenterError.channelDocument("the file does not hold this candidate") }
      let root = RootListing(try Self.root(in: store))
      let signers = root.signers(of: signed, as: .model)
      guard signers.count == signed.signatures.count else { throw CenterError.notAModelKey }
      for signer in signers where !candidate.envelope.isSigned(by: signer.key) {
        if !candidate.hasPassedGate, candidate.cut != nil, reasons[signer.keyID]?.isEmpty ?? true {
          throw CenterError.ungated(id)
        }
        guard
          let signature = signed.signatures.first(where: { one in
            Envelope(payloadType: signed.payloadType, payload: signed.payload, signatures: [one])
              .isSigned(by: signer.key)
          })
        else { continue }
        candidate.envelope = Envelope(
          payloadType: signed.payloadType,
          payload: signed.payload,
          signatures: candidate.envelope.signatures + [signature]
        )
        try store.record(
          AuditEvent(
            "candidate_signed",
            actor: signer.keyID,
            subject: id,
            details: ["override_reason": reasons[signer.keyID] ?? "", "where": "elsewhere"]
              .filter { !$0.value.isEmpty }
          ),
          now: now
        )
      }
      try store.save(candidate)
      return (candidate, root.signers(of: candidate.envelope, as: .model).count)
    }
  }

  /// Reports the released model in force with its signatures.
  public func releasedDocument() throws(CenterError) -> ChannelDocument {
    guard let document = try store.read({ try $0.document(.model, version: nil) }) else {
      throw .channelDocument("no model was released")
    }
    return document
  }
}
