// SPDX-License-Identifier: Apache-2.0

import Crypto
import Foundation

/// The keys that are trusted, by role.
struct RootDocument: Sendable {
  let version: UInt64
  /// When the document expires, seconds since 1970.
  let expires: Int
  let root: ChannelRole
  let timestamp: ChannelRole
  let model: ChannelRole

  /// Reads the payload of an envelope; says nothing about its signatures.
  ///
  /// - Throws: `payloadType`, `malformed` or `thresholdInvalid`.
  init(_ envelope: Envelope) throws(ModelChannelRefusal) {
    try ChannelDocument.root.checkType(of: envelope)
    let json = try ChannelDocument.root.json(of: envelope)
    guard
      let members = json.object(required: ["type", "version", "expires", "keys", "roles"]),
      let version = members["version"]?.count,
      let expires = members["expires"]?.text.flatMap(ChannelTime.seconds),
      case .object(let listed) = members["keys"],
      let roles = members["roles"]?.object(required: ["root", "timestamp", "model"])
    else { throw .malformed }
    var keys: [String: Curve25519.Signing.PublicKey] = [:]
    for (keyID, value) in listed { keys[keyID] = try RootDocument.key(value) }
    self.version = version
    self.expires = expires
    root = try RootDocument.role(roles["root"], keys: keys)
    timestamp = try RootDocument.role(roles["timestamp"], keys: keys)
    model = try RootDocument.role(roles["model"], keys: keys)
  }

  private static func key(
    _ json: StrictJSON
  ) throws(ModelChannelRefusal)
    -> Curve25519.Signing.PublicKey
  {
    guard let members = json.object(required: ["alg", "public"]),
      members["alg"]?.text == "ed25519",
      let bytes = members["public"]?.text.flatMap(Hexadecimal.bytes),
      let key = try? Curve25519.Signing.PublicKey(rawRepresentation: bytes)
    else { throw .malformed }
    return key
  }

  private static func role(
    _ json: StrictJSON?,
    keys: [String: Curve25519.Signing.PublicKey]
  ) throws(ModelChannelRefusal) -> ChannelRole {
    guard let members = json?.object(required: ["keyids", "threshold"]),
      let names = members["keyids"]?.elements,
      let threshold = members["threshold"]?.count
    else { throw .malformed }
    let found = names.compactMap { $0.text.flatMap { keys[$0] } }
    guard found.count == names.count else { throw .malformed }
    guard threshold >= 1, threshold <= UInt64(names.count) else { throw .thresholdInvalid }
    return ChannelRole(keys: found, threshold: Int(threshold))
  }
}
