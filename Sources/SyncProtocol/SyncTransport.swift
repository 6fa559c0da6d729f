// SPDX-License-Identifier: Apache-2.0

public import Foundation

/// What came back for a request.
public struct TransportResponse: Hashable, Sendable {
  /// The status code.
  public var status: Int
  /// The header fields in order.
  public var fields: [HTTPField]
  /// The body; empty when there is none.
  public var body: Data
  /// Bytes sent for the request: header and body, before encryption.
  public var bytesSent: Int
  /// Bytes received for the response: header and body, before encryption.
  public var bytesReceived: Int

  /// Makes a response of its parts.
  public init(
    status: Int,
    fields: [HTTPField],
    body: Data,
    bytesSent: Int,
    bytesReceived: Int
  ) {
    self.status = status
    self.fields = fields
    self.body = body
    self.bytesSent = bytesSent
    self.bytesReceived = bytesReceived
  }

  /// The response as a message whose signature can be checked.
  public var message: HTTPResponseMessage {
    HTTPResponseMessage(status: status, fields: fields, body: body)
  }
}

/// Why no response came back.
public enum TransportError: Error, Hashable, Sendable {
  /// No connection to the host could be made.
  case unreachable(host: String, reason: String)
  /// The host's certificate is not one that is trusted here.
  case untrustedCertificate(host: String, reason: String)
  /// The host did not answer in time.
  case timedOut(host: String)
  /// The proxy refused to pass the request on.
  case proxyRefused(reason: String)
  /// The response is larger than allowed, in bytes.
  case tooLarge(limit: Int)
  /// The address is not one that requests can be sent to.
  case malformedURL(String)
  /// The exchange broke off or was cancelled: the request may have arrived.
  case interrupted
}

/// A way to send a request to the centre and get its response.
public protocol SyncTransport: Sendable {
  /// Sends one request once and waits for its response, whatever its status.
  ///
  /// - Throws: `TransportError` when no whole response came back.
  func send(_ request: HTTPRequestMessage) async throws(TransportError) -> TransportResponse
}
