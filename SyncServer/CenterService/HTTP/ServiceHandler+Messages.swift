// SPDX-License-Identifier: Apache-2.0

import Center
import Foundation
import SyncProtocol

extension ServiceHandler {
  /// What browsers and caches are told: keep nothing, run nothing.
  private static let securityFields = [
    HTTPField(name: "cache-control", value: "no-store"),
    HTTPField(name: "content-security-policy", value: "default-src 'none'; frame-ancestors 'none'"),
    HTTPField(name: "referrer-policy", value: "no-referrer"),
    HTTPField(name: "strict-transport-security", value: "max-age=31536000"),
    HTTPField(name: "x-content-type-options", value: "nosniff"),
  ]

  static func json(
    _ status: Int,
    _ value: some Encodable
  ) throws(CenterError) -> HTTPResponseMessage {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard let body = try? encoder.encode(value) else { throw .storage("a reply has no JSON form") }
    return response(status, SyncRoutes.jsonContentType, body)
  }

  static func message(_ refusal: ServiceRefusal) -> HTTPResponseMessage {
    let body = ErrorBody(
      error: refusal.code,
      message: refusal.message,
      retryAfter: refusal.retryAfter
    )
    var message = response(
      refusal.status,
      SyncRoutes.jsonContentType,
      (try? JSONEncoder().encode(body)) ?? Data()
    )
    if let seconds = refusal.retryAfter {
      message.fields.append(HTTPField(name: "retry-after", value: String(seconds)))
    }
    return message
  }

  static func response(
    _ status: Int,
    _ contentType: String,
    _ body: Data
  ) -> HTTPResponseMessage {
    HTTPResponseMessage(
      status: status,
      fields: [HTTPField(name: "content-type", value: contentType)] + securityFields,
      body: body
    )
  }
}
