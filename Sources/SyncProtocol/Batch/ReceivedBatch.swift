// SPDX-License-Identifier: Apache-2.0
public import Crypto
public import Foundation
public import Replication
import SwiftProtobuf

/// A batch that came from elsewhere: its form is checked, its signature is not yet.
///
/// It cannot be sealed again, only stored and forwarded byte for byte.
public struct ReceivedBatch: Hashable, Sendable {
  /// The bytes as received.
  public let bytes: Data
  /// Their meaning; `Batch.resolved` puts ids in the place of patients that are named by number.
  public let batch: Batch
  /// The author's Ed25519 key, 32 bytes, in the author's first batch; empty in every other.
  public let publicKey: Data
  /// The name of the key that vouches for a redacted batch; empty for a batch as it was sealed.
  public let voucher: String
  let wireBody: WireBatchBody
  private let message: WireSealedBatch

  /// The bytes as a log keeps them: those of a redacted batch without voucher and signature.
  public var atRest: Data {
    guard batch.redaction != nil else { return bytes }
    var message = message
    message.voucher = ""
    message.signature = Data()
    return StrictMessage.encode(message)
  }

  /// Reads a sealed batch and checks its form, strictly; signature and chain are for the caller.
  ///
  /// A batch with fields or kinds of values of a later version has no changesets that can be read:
  /// `batch.unread` says how many there are. It is stored, forwarded, and read after an upgrade.
  ///
  /// - Throws: `SyncProtocolError.form` or `.unknownWireVersion`.
  public static func decode(_ bytes: Data) throws(SyncProtocolError) -> ReceivedBatch {
    try StrictMessage.checkVersion(of: bytes, upTo: StrictMessage.redactedVersion)
    let isRedacted = BatchRedactor.isRedacted(bytes)
    let limit = isRedacted ? BatchLimits.redactedBytes : BatchLimits.sealedBytes
    let message = try StrictMessage.decode(WireSealedBatch.self, from: bytes, limit: limit)
    try checkFrame(message, isRedacted: isRedacted)
    let body = try StrictMessage.decodeOpen(WireBatchBody.self, from: message.body, limit: limit)
    guard body.hasRedaction == isRedacted else { throw .form(.notCanonical) }
    let content = isRedacted ? try RedactedContent(body.redaction) : nil
    return ReceivedBatch(
      bytes: bytes,
      batch: try batch(
        body,
        hash: content?.hash.bytes ?? SHA256.hash(data: bytes).map { $0 },
        redacted: content
      ),
      publicKey: body.publicKey,
      voucher: message.voucher,
      wireBody: body,
      message: message
    )
  }

  /// Checks the frame: a sealed batch is signed; a redacted one in a log has no voucher.
  private static func checkFrame(
    _ message: WireSealedBatch,
    isRedacted: Bool
  ) throws(SyncProtocolError) {
    guard isRedacted else {
      try StrictMessage.check(version: message.wireVersion)
      guard message.signature.count == 64, message.voucher.isEmpty else { throw .form(.length) }
      return
    }
    guard message.signature.count == (message.voucher.isEmpty ? 0 : 64) else {
      throw .form(.length)
    }
    guard
      message.voucher.isEmpty
        || BatchLimits.isName(message.voucher, limit: BatchLimits.keyIDBytes)
    else { throw .form(.name) }
  }

  /// Reads the meaning of a sealed batch's bytes, as the log and the held batches need it.
  ///
  /// - Throws: `SyncProtocolError.form` or `.unknownWireVersion`.
  public static func batch(of bytes: Data) throws(SyncProtocolError) -> Batch {
    try decode(bytes).batch
  }

  /// Checks the signature: the author's, or the voucher's of a redacted batch.
  ///
  /// - Throws: `SyncProtocolError.signatureInvalid`.
  public func verify(publicKey: Curve25519.Signing.PublicKey) throws(SyncProtocolError) {
    let isRedacted = batch.redaction != nil
    let signed =
      isRedacted ? BatchRedactor.signed(message) : BatchSealer.signatureLabel + message.body
    guard publicKey.isValidSignature(message.signature, for: signed) else {
      throw .signatureInvalid(keyID: isRedacted ? voucher : batch.keyID)
    }
  }

  private static func batch(
    _ body: WireBatchBody,
    hash: [UInt8],
    redacted: RedactedContent?
  ) throws(SyncProtocolError) -> Batch {
    guard BatchLimits.isName(body.site), BatchLimits.isName(body.dictionaryVersion),
      BatchLimits.isName(body.keyID, limit: BatchLimits.keyIDBytes)
    else { throw .form(.name) }
    guard let replica = ReplicaID(bytes: body.replica),
      let previous = BatchHash(bytes: body.previous), let hash = BatchHash(bytes: hash)
    else { throw .form(.length) }
    let first = body.firstSequence
    guard first > 0, first < BatchLimits.greatestNumber - UInt64(BatchLimits.changesets) else {
      throw .form(.sequence)
    }
    guard (first == 1) == (previous == .none), body.publicKey.count == (first == 1 ? 32 : 0) else {
      throw .form(.chain)
    }
    guard body.hasForeignContext else { throw .form(.context) }
    let context = try body.foreignContext.entries()
    for entry in context where entry.replica == replica || entry.chainPrefix.isEmpty {
      throw .form(.context)
    }
    let content = try content(
      body,
      replica: replica,
      foreignContext: context,
      redacted: redacted
    )
    return Batch(
      site: body.site,
      replica: replica,
      keyID: body.keyID,
      firstSequence: first,
      previous: previous,
      hash: hash,
      dictionaryVersion: body.dictionaryVersion,
      foreignContext: context,
      changesets: content.decoded?.changesets ?? [],
      introduced: redacted?.introduced ?? content.decoded?.introduced ?? [],
      references: content.decoded?.references ?? [],
      unread: content.decoded == nil ? content.count : nil,
      redaction: redacted?.redaction
    )
  }

  /// The changesets; nil, and only their number, when a later version's program wrote them.
  private static func content(
    _ body: WireBatchBody,
    replica: ReplicaID,
    foreignContext: [ContextEntry],
    redacted: RedactedContent?
  ) throws(SyncProtocolError) -> (decoded: DecodedColumns?, count: Int) {
    if let redacted, redacted.isEmpty {
      guard body.columns.isEmpty else { throw .form(.counts) }
      return (DecodedColumns(changesets: [], introduced: [], references: []), 0)
    }
    let columns = try StrictMessage.decodeOpen(
      WireBatchColumns.self,
      from: try Zstd.decompress(body.columns, limit: BatchLimits.columnsBytes),
      limit: BatchLimits.columnsBytes
    )
    let count = Int(columns.changesetCount)
    guard count > 0, count <= BatchLimits.changesets else { throw .form(.counts) }
    let isKnown =
      body.unknownFields.data.isEmpty && body.redaction.unknownFields.data.isEmpty
      && body.foreignContext.unknownFields.data.isEmpty
      && columns.unknownFields.data.isEmpty
    guard isKnown else { return (nil, count) }
    do throws(SyncProtocolError) {
      let decoded = try ColumnsDecoder.decode(
        columns,
        replica: replica,
        firstSequence: body.firstSequence,
        foreignContext: foreignContext
      )
      guard let redacted else { return (decoded, count) }
      let placed = DecodedColumns(
        changesets: try redacted.placed(decoded, first: body.firstSequence),
        introduced: decoded.introduced,
        references: decoded.references
      )
      return (placed, count)
    } catch {
      guard error == .form(.laterKind) else { throw error }
      return (nil, count)
    }
  }
}
