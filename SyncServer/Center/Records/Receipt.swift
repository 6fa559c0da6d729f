// SPDX-License-Identifier: Apache-2.0

/// What one push brought: counted at both ends, so that nothing is dropped in silence.
public struct Receipt: Equatable, Sendable {
  /// The site that pushed.
  public let site: String
  /// The key that signed the request.
  public let keyID: String
  /// When it came, in seconds since 1970.
  public let receivedAt: Int
  /// Batches in the request.
  public var sentBatches = 0
  /// Changesets in the request, of batches whose form could be read.
  public var sentChangesets = 0
  /// Batches admitted, already held or waiting for others.
  public var acceptedBatches = 0
  /// Changesets of those.
  public var acceptedChangesets = 0
  /// Batches refused.
  public var refusedBatches = 0
  /// Changesets of those.
  public var refusedChangesets = 0
  /// The size of the batches in bytes.
  public var bytes = 0

  /// Starts a receipt with nothing in it.
  public init(site: String, keyID: String, receivedAt: Int) {
    self.site = site
    self.keyID = keyID
    self.receivedAt = receivedAt
  }
}
