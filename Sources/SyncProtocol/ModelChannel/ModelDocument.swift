// SPDX-License-Identifier: Apache-2.0

import Crypto
import Foundation

/// What the channel needs to know of a model document, which is the model release itself.
struct ModelDocument: Sendable {
  let modelID: String
  let version: UInt64

  /// Reads the payload of an envelope; says nothing about its signatures.
  ///
  /// - Throws: `malformed` or `modelID`.
  init(_ envelope: Envelope) throws(ModelChannelRefusal) {
    guard case .object(let members) = try ChannelDocument.model.json(of: envelope),
      let modelID = members["model_id"]?.text,
      let version = members["version"]?.count
    else { throw .malformed }
    guard ModelDocument.isModelID(modelID) else { throw .modelID }
    self.modelID = modelID
    self.version = version
  }

  /// Says whether a name is one that can also safely name a file.
  static func isModelID(_ name: String) -> Bool {
    let bytes = Array(name.utf8)
    return (1...64).contains(bytes.count) && bytes[0] != UInt8(ascii: "-")
      && bytes.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
          UInt8(ascii: "-"):
          true
        default: false
        }
      }
  }

  /// How a timestamp lists this document.
  static func listing(of payload: Data, version: UInt64) -> ListedModel {
    ListedModel(
      version: version,
      length: UInt64(payload.count),
      sha256: Hexadecimal.text(SHA256.hash(data: payload))
    )
  }
}
