// SPDX-License-Identifier: Apache-2.0

public import Foundation

/// An HTTP response as it is signed and received.
public struct HTTPResponseMessage: Hashable, Sendable {
  /// The status code.
  public var status: Int
  /// The header fields in order.
  public var fields: [HTTPField]
  /// The body; empty when there is none.
  public var body: Data

  /// Makes a response of its parts.
  public init(status: Int, fields: [HTTPField] = [], body: Data = Data()) {
    self.status = status
    self.fields = fields
    self.body = body
  }
}
