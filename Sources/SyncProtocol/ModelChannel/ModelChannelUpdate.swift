// SPDX-License-Identifier: Apache-2.0

/// The documents of one step: new roots first, then a timestamp, then a model.
public struct ModelChannelUpdate: Hashable, Sendable {
  /// The largest number of roots in a step; a longer chain takes several steps.
  public static let maximumRoots = 64

  /// Roots in rising order, each following the one before.
  public var roots: [Envelope]
  /// A newer timestamp.
  public var timestamp: Envelope?
  /// A model that the timestamp lists.
  public var model: Envelope?

  /// Makes a step of its documents.
  public init(roots: [Envelope] = [], timestamp: Envelope? = nil, model: Envelope? = nil) {
    self.roots = roots
    self.timestamp = timestamp
    self.model = model
  }
}

/// What an accepted step did.
public enum ModelChannelOutcome: Hashable, Sendable {
  /// The state changed.
  case accepted
  /// All documents were the ones already held.
  case unchanged
}
