// SPDX-License-Identifier: Apache-2.0

/// The answer of the model route: everything a site needs to trust the newest model.
public struct ModelBundle: Codable, Hashable, Sendable {
  /// The root documents by rising version.
  public let roots: [Envelope]
  /// The newest timestamp.
  public let timestamp: Envelope
  /// The model that the timestamp names.
  public let model: Envelope

  /// Makes a bundle.
  public init(roots: [Envelope], timestamp: Envelope, model: Envelope) {
    self.roots = roots
    self.timestamp = timestamp
    self.model = model
  }
}
