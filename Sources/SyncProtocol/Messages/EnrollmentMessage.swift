// SPDX-License-Identifier: Apache-2.0
public import Foundation

/// A message of the enrolment route: a JSON object with base64 for bytes.
public protocol EnrollmentMessage: Codable, Sendable {
  /// The names of its members, all of them needed.
  static var memberNames: Set<String> { get }
}

extension EnrollmentMessage {
  /// The JSON text, with sorted names.
  public func encoded() throws(SyncProtocolError) -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do {
      return try encoder.encode(self)
    } catch {
      throw .form(.json)
    }
  }

  /// Reads the JSON text of exactly this object; a repeated or unknown name is refused.
  ///
  /// - Throws: `SyncProtocolError.form`.
  public init(decoding bytes: Data) throws(SyncProtocolError) {
    do {
      let document = try StrictJSON.parse(bytes, maximumBytes: Enrollment.limitBytes)
      guard document.object(required: Self.memberNames) != nil else {
        throw SyncProtocolError.form(.json)
      }
      self = try JSONDecoder().decode(Self.self, from: bytes)
    } catch {
      throw .form(.json)
    }
  }
}

extension EnrollmentRequest: EnrollmentMessage {
  /// The names of the members of a request.
  public static var memberNames: Set<String> { ["site", "public_key", "mac"] }
}

extension EnrollmentReply: EnrollmentMessage {
  /// The names of the members of a reply.
  public static var memberNames: Set<String> {
    [
      "key_id", "center_key_id", "center_public_key", "root_envelope", "center_name", "authority",
      "mac",
    ]
  }
}
