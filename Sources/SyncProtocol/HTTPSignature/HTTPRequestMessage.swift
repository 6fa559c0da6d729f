// SPDX-License-Identifier: Apache-2.0

public import Foundation

/// An HTTP request as it is signed and sent.
public struct HTTPRequestMessage: Hashable, Sendable {
  /// The method, in capitals.
  public var method: String
  /// The path with its query, in origin form: `/v1/sites/a/sync?limit=1`.
  public var target: String
  /// The header fields in order.
  public var fields: [HTTPField]
  /// The body; empty when there is none.
  public var body: Data

  /// Makes a request of its parts.
  public init(method: String, target: String, fields: [HTTPField] = [], body: Data = Data()) {
    self.method = method
    self.target = target
    self.fields = fields
    self.body = body
  }

  /// The path of the target, without the query.
  public var path: String {
    target.firstIndex(of: "?").map { String(target[..<$0]) } ?? target
  }

  /// The query of the target with its question mark; a lone `?` when there is none.
  var query: String {
    target.firstIndex(of: "?").map { String(target[$0...]) } ?? "?"
  }
}
