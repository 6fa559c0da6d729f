// SPDX-License-Identifier: Apache-2.0
import Crypto
import Foundation
import Replication

@testable import SyncProtocol

/// What bytes of the wire mean, as plain text: the expected decoding beside each sample.
enum WireListing {
  static func batch(_ bytes: Data) throws -> String {
    let received = try ReceivedBatch.decode(bytes)
    let batch = received.batch
    var lines = [
      "batch of \(batch.site) by \(batch.replica), key \(batch.keyID)",
      "sequences \(batch.firstSequence) to \(batch.lastSequence)",
      "dictionary \(batch.dictionaryVersion)", "previous \(batch.previous.description)",
      "hash \(batch.hash.description)", "public key \(hexadecimal(received.publicKey))",
    ]
    lines += batch.foreignContext.map { "has \(entry($0))" }
    lines += batch.introduced.enumerated().map { "introduces \($0.offset): \($0.element)" }
    lines += batch.references.enumerated().map {
      "names \($0.offset): \($0.element.introducer) \($0.element.number)"
    }
    if let redaction = batch.redaction {
      lines.append("vouched for by \(received.voucher), counter up to \(redaction.lamport)")
      lines += redaction.removed.sorted { $0.key < $1.key }
        .map { "lacks \($0.value) writes of \($0.key)" }
    }
    if let unread = batch.unread { lines.append("\(unread) changesets of a later version") }
    for one in batch.changesets { lines += changeset(one) }
    return lines.joined(separator: "\n") + "\n"
  }

  static func pending(_ bytes: Data) throws -> String {
    changeset(try ChangesetCodec.decode(bytes)).joined(separator: "\n") + "\n"
  }

  static func request(_ bytes: Data) throws -> String {
    text(try SyncRequest(decoding: bytes)).joined(separator: "\n") + "\n"
  }

  static func reply(_ bytes: Data) throws -> String {
    let reply = try SyncReply(decoding: bytes)
    var lines = seen(reply.vector, reply.chainHeads)
    lines.append("root \(hexadecimal(reply.stateRoot))")
    lines += reply.batches.map { "batch \(digest($0))" }
    lines.append("more \(reply.hasMore)")
    lines.append(
      "accepted \(reply.acceptedBatches) batches, \(reply.acceptedChangesets) changesets"
    )
    lines += reply.refused.map {
      "refused \($0.replica.map(\.description) ?? "nobody") from \($0.firstSequence), "
        + "\($0.changesets) changesets: \($0.reason)"
    }
    lines.append("model \(reply.modelVersion)")
    lines.append("buckets \(reply.stateBuckets.isEmpty ? "none" : digest(reply.stateBuckets))")
    lines.append("checkpoint \(hexadecimal(reply.auditCheckpoint))")
    lines += kept(reply.kept)
    lines.append("addresses \(hexadecimal(reply.bucketAddresses))")
    return lines.joined(separator: "\n") + "\n"
  }

  static func bundle(_ bytes: Data) throws -> String {
    let bundle = try SyncBundle.read(bytes)
    var lines = ["bundle \(bundle.direction) of \(bundle.site), key \(bundle.keyID)"]
    lines += text(bundle.state).map { "state: \($0)" }
    for content in bundle.contents {
      guard case .whole(let batch) = content else {
        lines.append("\(content)")
        continue
      }
      lines.append("batch \(digest(batch))")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  static func enrollmentRequest(_ bytes: Data) throws -> String {
    let request = try EnrollmentRequest(decoding: bytes)
    return """
      site \(request.site)
      public key \(hexadecimal(request.publicKey))
      mac \(hexadecimal(request.mac))

      """
  }

  static func enrollmentReply(_ bytes: Data) throws -> String {
    let reply = try EnrollmentReply(decoding: bytes)
    return """
      key \(reply.keyID)
      centre's key \(reply.centerKeyID) \(hexadecimal(reply.centerPublicKey))
      root \(String(decoding: reply.rootEnvelope, as: UTF8.self))
      centre \(reply.centerName)
      authority \(reply.authority)
      mac \(hexadecimal(reply.mac))

      """
  }

  static func modelBundle(_ bytes: Data) throws -> String {
    let bundle = try JSONDecoder().decode(ModelBundle.self, from: bytes)
    let parts =
      bundle.roots.map { ("root", $0) } + [
        ("timestamp", bundle.timestamp), ("model", bundle.model),
      ]
    return parts.map { name, envelope in
      "\(name) \(envelope.payloadType), \(envelope.signatures.count) signatures\n"
        + "\(String(decoding: envelope.payload, as: UTF8.self))\n"
    }.joined()
  }

  private static func text(_ request: SyncRequest) -> [String] {
    var lines = seen(request.vector, request.chainHeads)
    lines.append("root \(hexadecimal(request.stateRoot))")
    lines += request.batches.map { "batch \(digest($0))" }
    lines.append("model \(request.modelVersion)")
    lines.append("limit \(request.replyLimitBytes)")
    lines.append("more \(request.hasMore), buckets \(request.wantsBuckets)")
    lines.append("audit size \(request.auditSize)")
    lines += kept(request.kept)
    lines.append("bucket \(request.wantedBucket.map(String.init) ?? "none")")
    return lines
  }

  private static func seen(_ vector: VersionVector, _ heads: [ContextEntry]) -> [String] {
    vector.entries.sorted { $0.key < $1.key }.map { replica, last in
      let link = heads.first { $0.replica == replica }?.chainPrefix ?? []
      return "has \(replica) through \(last), chain \(hexadecimal(link))"
    }
  }

  private static func kept(_ vector: VersionVector) -> [String] {
    vector.entries.sorted { $0.key < $1.key }.map { "keeps \($0.key) through \($0.value)" }
  }

  private static func entry(_ entry: ContextEntry) -> String {
    "\(entry.replica) through \(entry.last), chain \(hexadecimal(entry.chainPrefix))"
  }

  private static func digest(_ bytes: Data) -> String {
    "of \(bytes.count) bytes, SHA-256 \(hexadecimal(SHA256.hash(data: bytes)))"
  }

  private static func changeset(_ changeset: Changeset) -> [String] {
    let context = changeset.context.entries.sorted { $0.key < $1.key }
      .map { "\($0.key):\($0.value)" }.joined(separator: " ")
    let head =
      "changeset \(changeset.dot.sequence), Lamport \(changeset.lamport), \(changeset.reason), "
      + "after \(context)"
    return [head]
      + changeset.writes.map { write in
        let row = write.address.row
        return "  \(row.patient) [\(row.event)] [\(row.reader)] \(write.address.field) = "
          + text(write.value)
      }
  }

  private static func text(_ value: Value) -> String {
    switch value {
    case .integer(let number): "integer \(number)"
    case .decimal(let number): "decimal \(number) (bits \(String(number.bitPattern, radix: 16)))"
    case .code(let code): "code \(code)"
    case .boolean(let flag): "boolean \(flag)"
    case .day(let day): "day \(day)"
    case .patient(let patient): "patient \(patient)"
    case .missing(let reason): "missing \(reason.rawValue)"
    case .retracted: "retracted"
    case .erased: "erased"
    }
  }
}
