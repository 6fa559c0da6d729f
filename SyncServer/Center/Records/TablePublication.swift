// SPDX-License-Identifier: Apache-2.0

public import Foundation

/// What an origin is the origin of.
public enum OriginKind: String, Sendable {
  /// A data cut.
  case cut
  /// A candidate for release.
  case candidate
}

/// Tables of a cut as they left the centre.
public struct TablePublication: Equatable, Sendable {
  /// The cut that they count.
  public let cut: String
  /// When they left, in seconds since 1970.
  public let publishedAt: Int
  /// The tables, as JSON.
  public let content: Data

  /// Makes a publication of its parts.
  public init(cut: String, publishedAt: Int, content: Data) {
    self.cut = cut
    self.publishedAt = publishedAt
    self.content = content
  }
}
