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
  /// The names for people of the keys that have one, by key id.
  let names: [String: String]

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
    var names: [String: String] = [:]
    for (keyID, value) in listed {
      keys[keyID] = try RootDocument.key(value)
      if case .object(let members) = value { names[keyID] = members["name"]?.text }
    }
    self.names = names
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
    guard let members = json.object(required: ["alg", "public"], optional: ["name"]),
      members["alg"]?.text == "ed25519", isName(members["name"]),
      let bytes = members["public"]?.text.flatMap(Hexadecimal.bytes),
      let key = try? Curve25519.Signing.PublicKey(rawRepresentation: bytes)
    else { throw .malformed }
    return key
  }

  /// A name is shown on terminals: 1 to 64 characters, none of them a control character.
  private static func isName(_ json: StrictJSON?) -> Bool {
    guard let json else { return true }
    guard let name = json.text else { return false }
    return (1...64).contains(name.count)
      && name.unicodeScalars.allSatisfy { $0.value >= 32 && $0.value != 127 }
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
