// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A model as a timestamp lists it.
struct ListedModel: Hashable, Codable, Sendable {
  /// The model's version.
  let version: UInt64
  /// The length of the model document in bytes.
  let length: UInt64
  /// The SHA-256 of the model document, small hexadecimal digits.
  let sha256: String
}

/// Which model documents are current, signed often by a key that is online.
struct TimestampDocument: Hashable, Codable, Sendable {
  let version: UInt64
  /// When the document expires, seconds since 1970.
  let expires: Int
  let rootVersion: UInt64
  /// The current models by name.
  let models: [String: ListedModel]

  /// Reads the payload of an envelope; says nothing about its signatures.
  ///
  /// - Throws: `malformed` or `modelID`.
  init(_ envelope: Envelope) throws(ModelChannelRefusal) {
    let json = try ChannelDocument.timestamp.json(of: envelope)
    guard
      let members = json.object(
        required: ["type", "version", "expires", "root_version", "models"]),
      let version = members["version"]?.count,
      let expires = members["expires"]?.text.flatMap(ChannelTime.seconds),
      let rootVersion = members["root_version"]?.count,
      case .object(let listed) = members["models"]
    else { throw .malformed }
    var models: [String: ListedModel] = [:]
    for (name, value) in listed {
      guard ModelDocument.isModelID(name) else { throw .modelID }
      guard let parts = value.object(required: ["version", "length", "sha256"]),
        let modelVersion = parts["version"]?.count,
        let length = parts["length"]?.count,
        let sha256 = parts["sha256"]?.text, Hexadecimal.bytes(sha256)?.count == 32
      else { throw .malformed }
      models[name] = ListedModel(version: modelVersion, length: length, sha256: sha256)
    }
    self.version = version
    self.expires = expires
    self.rootVersion = rootVersion
    self.models = models
  }
}
