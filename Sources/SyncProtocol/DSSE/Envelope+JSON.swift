// SPDX-License-Identifier: Apache-2.0

public import Foundation

extension Envelope {
  /// The largest number of signatures that is read.
  public static let maximumSignatures = 16

  /// Reads an envelope strictly: repeated and unknown names are refused.
  ///
  /// The specification has unknown names ignored; here both ends are ours, and what nobody reads
  /// nobody needs to send.
  ///
  /// - Throws: `EnvelopeError`.
  public static func decode(_ bytes: Data) throws(EnvelopeError) -> Envelope {
    let json: StrictJSON
    do throws(StrictJSONError) {
      json = try StrictJSON.parse(bytes)
    } catch {
      throw .notStrictJSON(error)
    }
    return try Envelope(json)
  }

  /// The envelope as JSON: names sorted, standard base64, no spaces.
  public func encoded() -> Data { Data(json.canonicalText.utf8) }

  /// Reads an envelope out of a larger document.
  package init(_ json: StrictJSON) throws(EnvelopeError) {
    guard let members = json.object(required: ["payload", "payloadType", "signatures"]),
      let type = members["payloadType"]?.text,
      let payload = members["payload"]?.text,
      let listed = members["signatures"]?.elements
    else { throw .malformed }
    guard listed.count <= Envelope.maximumSignatures else {
      throw .tooManySignatures(limit: Envelope.maximumSignatures)
    }
    var signatures: [Signature] = []
    for element in listed {
      guard let members = element.object(required: ["sig"], optional: ["keyid"]),
        let signature = members["sig"]?.text
      else { throw .malformed }
      if let keyID = members["keyid"], keyID.text == nil { throw .malformed }
      signatures.append(
        Signature(keyID: members["keyid"]?.text, bytes: try Envelope.bytes(base64: signature))
      )
    }
    self.init(
      payloadType: type,
      payload: try Envelope.bytes(base64: payload),
      signatures: signatures
    )
  }

  /// The envelope as a JSON value, to stand in a larger document.
  package var json: StrictJSON {
    .object([
      "payload": .string(payload.base64EncodedString()),
      "payloadType": .string(payloadType),
      "signatures": .array(
        signatures.map { signature in
          var members: [String: StrictJSON] = [
            "sig": .string(signature.bytes.base64EncodedString())
          ]
          members["keyid"] = signature.keyID.map { .string($0) }
          return .object(members)
        }
      ),
    ])
  }

  /// The bytes of standard or URL-safe base64, which DSSE both allows, each in canonical form.
  private static func bytes(base64 text: String) throws(EnvelopeError) -> Data {
    if let bytes = StructuredFields.canonicalBase64(text) { return bytes }
    guard !text.contains("+"), !text.contains("/") else { throw .notBase64 }
    var standard = text.replacing("-", with: "+").replacing("_", with: "/")
    if !standard.hasSuffix("=") {
      standard += String(repeating: "=", count: (4 - standard.utf8.count % 4) % 4)
    }
    guard let bytes = StructuredFields.canonicalBase64(standard) else { throw .notBase64 }
    return bytes
  }
}

extension Envelope: Codable {
  private enum CodingKeys: String, CodingKey, CaseIterable {
    case payload, payloadType, signatures
  }

  private struct AnyKey: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init?(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  /// Reads an envelope inside a larger document; unknown names are refused.
  ///
  /// Foundation's decoder hides repeated names: run `StrictJSON.parse` over the bytes of a
  /// document from outside first, or use `decode(_:)`.
  public init(from decoder: any Decoder) throws {
    let names = try decoder.container(keyedBy: AnyKey.self).allKeys.map(\.stringValue)
    guard Set(names) == Set(CodingKeys.allCases.map(\.rawValue)) else {
      throw EnvelopeError.malformed
    }
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let listed = try container.decode([[String: String]].self, forKey: .signatures)
    try self.init(
      .object([
        "payload": .string(try container.decode(String.self, forKey: .payload)),
        "payloadType": .string(try container.decode(String.self, forKey: .payloadType)),
        "signatures": .array(listed.map { .object($0.mapValues { .string($0) }) }),
      ])
    )
  }

  /// Writes the envelope with standard base64.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(payload.base64EncodedString(), forKey: .payload)
    try container.encode(payloadType, forKey: .payloadType)
    let listed = signatures.map { signature in
      var members = ["sig": signature.bytes.base64EncodedString()]
      members["keyid"] = signature.keyID
      return members
    }
    try container.encode(listed, forKey: .signatures)
  }
}
