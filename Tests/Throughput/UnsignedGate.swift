// SPDX-License-Identifier: Apache-2.0

import Center
import CenterService
import SyncProtocol

/// Believes whoever names a key, and signs nothing: what the service would be without signatures.
///
/// It exists in this measurement alone; the shipped programs cannot be made to use it.
struct UnsignedGate: RequestGate {
  static let keyField = "x-key"

  func admit(
    _ request: HTTPRequestMessage,
    to route: ServiceRoute,
    authority: String
  ) throws(ServiceRefusal) -> AdmittedRequest {
    AdmittedRequest(keyID: request.fields.onlyValue(named: Self.keyField) ?? "", nonce: nil)
  }

  func seal(_ response: inout HTTPResponseMessage, answering request: HTTPRequestMessage) {}
}
