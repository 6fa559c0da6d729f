// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A root document whose own root keys have signed it.
public struct TrustedRoot: Sendable {
  /// The signed document.
  public let envelope: Envelope
  let document: RootDocument

  /// Takes a root on trust, as handed over at enrolment, after checking that it signs itself.
  ///
  /// - Throws: `payloadType`, `malformed`, `thresholdInvalid` or `signatureThreshold`.
  public init(_ envelope: Envelope) throws(ModelChannelRefusal) {
    let document = try RootDocument(envelope)
    try document.root.check(envelope)
    self.envelope = envelope
    self.document = document
  }

  /// The version of the root, rising by one.
  public var version: UInt64 { document.version }

  /// When the root expires, seconds since 1970.
  public var expires: Int { document.expires }

  /// Says whether enough distinct root keys have signed an envelope of any kind.
  public func rootKeysSigned(_ envelope: Envelope) -> Bool {
    envelope.isSigned(by: document.root.threshold, of: document.root.keys)
  }

  /// Says whether enough distinct model keys have signed an envelope of any kind.
  public func modelKeysSigned(_ envelope: Envelope) -> Bool {
    envelope.isSigned(by: document.model.threshold, of: document.model.keys)
  }

  /// The root that follows this one, signed by the thresholds of both.
  ///
  /// - Throws: `payloadType`, `signatureThreshold`, `malformed`, `thresholdInvalid` or
  ///   `rootVersion`.
  package func successor(_ envelope: Envelope) throws(ModelChannelRefusal) -> TrustedRoot {
    try ChannelDocument.root.checkType(of: envelope)
    try document.root.check(envelope)
    let next = try RootDocument(envelope)
    guard version < UInt64.max, next.version == version + 1 else { throw .rootVersion }
    return try TrustedRoot(envelope)
  }
}

extension TrustedRoot: Equatable {
  /// Roots are equal when their signed documents are.
  public static func == (left: TrustedRoot, right: TrustedRoot) -> Bool {
    left.envelope == right.envelope
  }
}

extension TrustedRoot: Codable {
  /// Reads the envelope and checks it again.
  public init(from decoder: any Decoder) throws {
    try self.init(Envelope(from: decoder))
  }

  /// Writes the envelope.
  public func encode(to encoder: any Encoder) throws {
    try envelope.encode(to: encoder)
  }
}
