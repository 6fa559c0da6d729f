// SPDX-License-Identifier: Apache-2.0

import Crypto
import Foundation

/// The keys of a role and how many of them must sign.
struct ChannelRole: Sendable {
  let keys: [Curve25519.Signing.PublicKey]
  let threshold: Int

  /// The keys as bytes: a key under two names is one key.
  var distinctKeys: Set<Data> { Set(keys.map(\.rawRepresentation)) }

  /// Refuses an envelope that too few keys of the role have signed.
  func check(_ envelope: Envelope) throws(ModelChannelRefusal) {
    guard envelope.isSigned(by: threshold, of: keys) else { throw .signatureThreshold }
  }
}

/// The kinds of documents of the channel.
enum ChannelDocument: String {
  case root, timestamp, model

  /// The payload type of envelopes of this kind.
  var payloadType: String { "application/vnd.lobule.\(rawValue)+json" }

  /// Reads the payload after the envelope's kind was checked.
  ///
  /// - Throws: `payloadType` for an envelope of another kind.
  func checkType(of envelope: Envelope) throws(ModelChannelRefusal) {
    guard envelope.payloadType == payloadType else { throw .payloadType }
  }

  /// The payload as JSON that says it is of this kind.
  func json(of envelope: Envelope) throws(ModelChannelRefusal) -> StrictJSON {
    guard let json = try? StrictJSON.parse(envelope.payload),
      case .object(let members) = json, members["type"]?.text == rawValue
    else { throw .malformed }
    return json
  }
}
