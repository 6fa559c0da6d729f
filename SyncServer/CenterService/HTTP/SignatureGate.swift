// SPDX-License-Identifier: Apache-2.0

import Center
import SyncProtocol

/// Admits requests by their signatures, and signs every answer.
struct SignatureGate: RequestGate {
  let center: Center
  let identity: SigningIdentity
  /// Since when nonces are known, seconds since 1970.
  let noncesKnownFrom: Int
  let clock: @Sendable () -> Int

  func admit(
    _ request: HTTPRequestMessage,
    to route: ServiceRoute,
    authority: String
  ) throws(ServiceRefusal) -> AdmittedRequest {
    let verifier = RequestVerifier(authority: authority, noncesKnownFrom: noncesKnownFrom)
    var failure: CenterError?
    var nonce: RequestNonce?
    // A key that was rotated may ask once more for its successor, and for nothing else.
    let isRotation = if case .key = route { true } else { false }
    do throws(SignatureRefusal) {
      let key = try verifier.verify(
        request,
        now: clock(),
        key: { keyID in
          do throws(CenterError) {
            return try center.verifyingKey(keyID, includesRotated: isRotation)
          } catch {
            failure = error
            return nil
          }
        },
        nonceIsFresh: { keyID, text in
          // Recorded by who serves the request, in the same commit as what it brings.
          nonce = RequestNonce(text, keyID: keyID, windowSeconds: verifier.clockWindowSeconds)
          return true
        },
        isAllowed: { key, _, _ in Self.may(key, use: route) }
      )
      return AdmittedRequest(keyID: key.keyID, nonce: nonce)
    } catch {
      // A store that could not be asked is no verdict on the request.
      if let failure { throw ServiceRefusal(failure) }
      // What may not be done is served by nobody else: a second time it is a replay all the same.
      if error == .forbidden, let nonce { try record(nonce) }
      throw ServiceRefusal(error)
    }
  }

  private func record(_ nonce: RequestNonce) throws(ServiceRefusal) {
    do throws(CenterError) {
      try center.use(nonce, now: clock())
    } catch { throw ServiceRefusal(error) }
  }

  /// Deny by default: a site's own devices reach their own site's routes, and nobody else.
  private static func may(_ key: VerifyingKey, use route: ServiceRoute) -> Bool {
    guard let role = DeviceRole(rawValue: key.role), let site = key.site else { return false }
    return site == route.site && (role == .siteReplica || role == .siteAdmin)
  }

  func seal(_ response: inout HTTPResponseMessage, answering request: HTTPRequestMessage) {
    do throws(SigningError) {
      try ResponseSigner.sign(
        &response,
        requestSignature: request.fields.onlyValue(named: "signature"),
        identity: identity,
        created: clock()
      )
    } catch {
      // An answer that cannot be signed says nothing: the client takes it for no answer.
      response = HTTPResponseMessage(status: 500)
    }
  }
}
