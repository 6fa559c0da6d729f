// SPDX-License-Identifier: Apache-2.0

package import Center
package import SyncProtocol

/// Says who sent a request, and signs what is answered.
///
/// The service has one, by signatures; the interface is here so that a benchmark can tell what
/// they cost.
package protocol RequestGate: Sendable {
  /// Says whose request it is.
  ///
  /// - Parameters:
  ///   - request: The request with its whole body.
  ///   - route: What it asks for.
  ///   - authority: The authority of this centre under which it came.
  /// - Returns: The key of the sender, who may use the route.
  /// - Throws: The refusal.
  func admit(
    _ request: HTTPRequestMessage,
    to route: ServiceRoute,
    authority: String
  ) throws(ServiceRefusal) -> AdmittedRequest

  /// Signs an answer.
  func seal(_ response: inout HTTPResponseMessage, answering request: HTTPRequestMessage)
}

/// A request whose sender is known and may do what it asks for.
package struct AdmittedRequest: Sendable {
  /// The name of the sender's key.
  package let keyID: String
  /// What must be recorded before the request is answered, so that it counts once.
  package let nonce: RequestNonce?

  /// Makes it of its parts.
  package init(keyID: String, nonce: RequestNonce?) {
    self.keyID = keyID
    self.nonce = nonce
  }
}
