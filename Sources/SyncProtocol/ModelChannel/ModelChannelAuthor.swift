// SPDX-License-Identifier: Apache-2.0

public import Crypto
public import Foundation

/// Makes the documents of the model channel.
///
/// Each comes without signatures: keys that lie in different places sign one after the other with
/// `Envelope.sign(by:)`.
public enum ModelChannelAuthor {
  /// Makes a root document.
  ///
  /// The first root is signed by its own root keys; each later one by the thresholds of the root
  /// before and its own.
  ///
  /// - Parameters:
  ///   - version: 1, then rising by one.
  ///   - expires: When the document expires, seconds since 1970.
  ///   - rootKeys: The keys that sign roots, kept offline.
  ///   - modelKeys: The keys that sign models, kept offline.
  ///   - timestampKeys: The keys that sign timestamps, online at the centre.
  ///   - names: Names for people, by key id; a key needs none.
  ///   - rootThreshold: How many of the root keys must sign.
  ///   - modelThreshold: How many of the model keys must sign.
  ///   - timestampThreshold: How many of the timestamp keys must sign.
  /// - Returns: The document in an envelope without signatures.
  /// - Throws: `thresholdInvalid` for a threshold that its keys cannot meet.
  public static func root(
    version: UInt64,
    expires: Int,
    rootKeys: [Curve25519.Signing.PublicKey],
    modelKeys: [Curve25519.Signing.PublicKey],
    timestampKeys: [Curve25519.Signing.PublicKey],
    names: [String: String] = [:],
    rootThreshold: Int = 2,
    modelThreshold: Int = 2,
    timestampThreshold: Int = 1
  ) throws(ModelChannelRefusal) -> Envelope {
    var keys: [String: StrictJSON] = [:]
    for key in rootKeys + modelKeys + timestampKeys {
      let keyID = Envelope.keyID(of: key)
      var members: [String: StrictJSON] = [
        "alg": .string("ed25519"), "public": .string(Hexadecimal.text(key.rawRepresentation)),
      ]
      members["name"] = names[keyID].map { .string($0) }
      keys[keyID] = .object(members)
    }
    let envelope = envelope(
      .root,
      [
        "version": .number(String(version)),
        "expires": .string(ChannelTime.text(expires)),
        "keys": .object(keys),
        "roles": .object([
          "root": role(rootKeys, threshold: rootThreshold),
          "model": role(modelKeys, threshold: modelThreshold),
          "timestamp": role(timestampKeys, threshold: timestampThreshold),
        ]),
      ]
    )
    _ = try RootDocument(envelope)
    return envelope
  }

  /// Makes a timestamp document.
  ///
  /// - Parameters:
  ///   - version: Higher than that of every timestamp before.
  ///   - expires: When the document expires, seconds since 1970: days, not years, ahead.
  ///   - rootVersion: The version of the root in force.
  ///   - models: The envelopes of all current models.
  /// - Returns: The document in an envelope without signatures.
  /// - Throws: `malformed` or `modelID` for a model that is none.
  public static func timestamp(
    version: UInt64,
    expires: Int,
    rootVersion: UInt64,
    models: [Envelope]
  ) throws(ModelChannelRefusal) -> Envelope {
    var listed: [String: StrictJSON] = [:]
    for model in models {
      let document = try ModelDocument(model)
      let listing = ModelDocument.listing(of: model.payload, version: document.version)
      listed[document.modelID] = .object([
        "version": .number(String(listing.version)),
        "length": .number(String(listing.length)),
        "sha256": .string(listing.sha256),
      ])
    }
    let envelope = envelope(
      .timestamp,
      [
        "version": .number(String(version)),
        "expires": .string(ChannelTime.text(expires)),
        "root_version": .number(String(rootVersion)),
        "models": .object(listed),
      ]
    )
    _ = try TimestampDocument(envelope)
    return envelope
  }

  /// Puts a model release into an envelope, byte for byte.
  ///
  /// - Parameter release: JSON with `type` "model", `model_id` and a whole `version`, among
  ///   whatever else the release says.
  /// - Returns: The document in an envelope without signatures.
  /// - Throws: `malformed` or `modelID` for other bytes.
  public static func model(release: Data) throws(ModelChannelRefusal) -> Envelope {
    let envelope = Envelope(
      payloadType: ChannelDocument.model.payloadType,
      payload: release
    )
    _ = try ModelDocument(envelope)
    return envelope
  }

  private static func envelope(
    _ kind: ChannelDocument,
    _ members: [String: StrictJSON]
  )
    -> Envelope
  {
    let payload = StrictJSON.object(
      members.merging(["type": .string(kind.rawValue)]) { _, type in type }
    )
    return Envelope(payloadType: kind.payloadType, payload: Data(payload.canonicalText.utf8))
  }

  private static func role(_ keys: [Curve25519.Signing.PublicKey], threshold: Int) -> StrictJSON {
    .object([
      "keyids": .array(keys.map { .string(Envelope.keyID(of: $0)) }),
      "threshold": .number(String(threshold)),
    ])
  }
}
