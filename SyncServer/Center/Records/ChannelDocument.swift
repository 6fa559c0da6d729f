// SPDX-License-Identifier: Apache-2.0

public import SyncProtocol

/// The kinds of signed documents of the model channel.
public enum ChannelDocumentKind: String, Sendable {
  /// Which keys may sign what.
  case root
  /// Which model is the newest, and until when to believe it.
  case timestamp
  /// A released model.
  case model
}

/// A published document of the model channel.
public struct ChannelDocument: Equatable, Sendable {
  /// What it is.
  public let kind: ChannelDocumentKind
  /// Its version, rising from 1 within its kind.
  public let version: UInt64
  /// The signed bytes.
  public let envelope: Envelope
  /// The second after which it is stale; nil when it never is.
  public let expiresAt: Int?

  /// Makes a document of its parts.
  public init(kind: ChannelDocumentKind, version: UInt64, envelope: Envelope, expiresAt: Int?) {
    self.kind = kind
    self.version = version
    self.envelope = envelope
    self.expiresAt = expiresAt
  }
}
