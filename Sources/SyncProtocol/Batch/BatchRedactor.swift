// SPDX-License-Identifier: Apache-2.0
import Crypto
public import Foundation
public import Replication

/// Takes patients out of sealed batches after they were erased by law.
///
/// What is left is not sealed again: it keeps the author's hash as its link in the chain, and names
/// the patients who are gone. Every holder does this to its own log, and gets the same. The author's
/// signature cannot stay, so whoever hands a redacted batch on vouches for it.
public enum BatchRedactor {
  /// What an Ed25519 signature of a redacted batch covers before the voucher's name and the body.
  static let signatureLabel = Data("lobule-redaction-1\n".utf8)

  /// Takes patients out of a batch.
  ///
  /// - Parameters:
  ///   - bytes: A sealed batch, or one that was redacted before.
  ///   - names: The patients to take out, each by what names it in the decoded batch: its id, or
  ///     the stand-in of a reference.
  /// - Returns: What is left, as a log keeps it; nil when the batch has nothing of them.
  /// - Throws: `SyncProtocolError` when the bytes cannot be read.
  public static func redact(
    _ bytes: Data,
    removing names: [PatientID: PatientID]
  ) throws(SyncProtocolError) -> Data? {
    let received = try ReceivedBatch.decode(bytes)
    guard let rest = received.batch.removing(Set(names.keys)), let redaction = rest.redaction else {
      return nil
    }
    var removed: [PatientID: Int] = [:]
    for (name, count) in redaction.removed { removed[names[name] ?? name, default: 0] += count }
    var part = WireRedaction()
    part.hash = Data(rest.hash.bytes)
    part.lamport = redaction.lamport
    part.changesetCount = UInt32(redaction.changesetCount)
    part.offsets = rest.changesets.map { UInt32($0.dot.sequence - rest.firstSequence) }
    part.introduced = Data(rest.introduced.flatMap(\.bytes))
    for (patient, count) in removed.sorted(by: { $0.key < $1.key }) {
      part.patients.append(contentsOf: patient.bytes)
      part.writes.append(UInt32(count))
    }
    var body = received.wireBody
    body.redaction = part
    body.columns = try columns(rest)
    var message = WireSealedBatch()
    message.wireVersion = StrictMessage.redactedVersion
    message.body = StrictMessage.encode(body)
    return StrictMessage.encode(message)
  }

  /// The bytes as they are handed on: a sealed batch as it is, a redacted one with a signature.
  ///
  /// - Throws: `SyncProtocolError.signingFailed`, or what reading the bytes throws.
  public static func vouch(
    for bytes: Data,
    identity: SigningIdentity
  ) throws(SyncProtocolError) -> Data {
    guard isRedacted(bytes) else { return bytes }
    var message = try StrictMessage.decode(
      WireSealedBatch.self,
      from: bytes,
      limit: BatchLimits.redactedBytes
    )
    message.voucher = identity.keyID
    do {
      message.signature = try identity.privateKey.signature(for: Self.signed(message))
    } catch {
      throw .signingFailed(keyID: identity.keyID)
    }
    return StrictMessage.encode(message)
  }

  /// Whether bytes begin like a redacted batch.
  static func isRedacted(_ bytes: Data) -> Bool {
    bytes.starts(with: [0x08, UInt8(StrictMessage.redactedVersion)])
  }

  /// What a voucher signs.
  static func signed(_ message: WireSealedBatch) -> Data {
    signatureLabel + Data(message.voucher.utf8) + Data("\n".utf8) + message.body
  }

  private static func columns(_ rest: Batch) throws(SyncProtocolError) -> Data {
    guard !rest.changesets.isEmpty else { return Data() }
    // Whoever was named by number stays so: the places of others in the chain do not move.
    var directory = PatientDirectory()
    for (index, reference) in rest.references.enumerated() {
      directory.references[.standIn(index)] = reference
    }
    let columns = try ColumnsEncoder.encode(
      rest.changesets[...],
      foreignContext: rest.foreignContext,
      directory: directory
    ).columns
    let bytes = StrictMessage.encode(columns)
    return try ZstdCompressor().compress(bytes, cuts: columns.cuts(bytes))
  }
}
