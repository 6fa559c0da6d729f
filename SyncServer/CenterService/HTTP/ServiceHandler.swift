// SPDX-License-Identifier: Apache-2.0

package import Center
import Foundation
package import SyncProtocol

/// Answers requests: who asks, what for, whether they may; then the centre's use cases.
///
/// It knows nothing of connections. Whatever it answers is signed, refusals too.
package struct ServiceHandler: Sendable {
  let center: Center
  let identity: SigningIdentity
  let authorities: ServiceAuthorities
  /// Since when nonces are known, seconds since 1970.
  let noncesKnownFrom: Int
  let clock: @Sendable () -> Int

  /// Makes a handler of its parts.
  package init(
    center: Center,
    identity: SigningIdentity,
    authorities: ServiceAuthorities,
    noncesKnownFrom: Int = 0,
    clock: @escaping @Sendable () -> Int
  ) {
    self.center = center
    self.identity = identity
    self.authorities = authorities
    self.noncesKnownFrom = noncesKnownFrom
    self.clock = clock
  }

  /// An answer with what the log may say about it.
  package struct Answer: Sendable {
    package var response: HTTPResponseMessage
    var route = ""
    var site = ""
    var keyID = ""
    var code = ""
  }

  /// Answers a request.
  ///
  /// - Parameters:
  ///   - request: The request with its whole body.
  ///   - port: The port of the connection that it came on.
  /// - Returns: The signed answer, a refusal too.
  package func answer(_ request: HTTPRequestMessage, servedAt port: Int) -> Answer {
    var answer = Answer(response: HTTPResponseMessage(status: 500))
    do throws(ServiceRefusal) {
      answer.response = try respond(to: request, servedAt: port, noting: &answer)
    } catch {
      answer.code = error.code
      answer.response = Self.message(error)
    }
    sign(&answer.response, answering: request)
    return answer
  }

  /// The signed answer to a request that is refused before it is read.
  func refusal(_ refusal: ServiceRefusal, of request: HTTPRequestMessage) -> Answer {
    var answer = Answer(response: Self.message(refusal), code: refusal.code)
    sign(&answer.response, answering: request)
    return answer
  }

  private func respond(
    to request: HTTPRequestMessage,
    servedAt port: Int,
    noting answer: inout Answer
  ) throws(ServiceRefusal) -> HTTPResponseMessage {
    guard let host = request.fields.onlyValue(named: "host") else {
      throw ServiceRefusal(.missingOrRepeatedHost)
    }
    guard let route = ServiceRoute(path: request.path) else { throw .notFound }
    answer.route = route.name
    answer.site = route.site ?? ""
    let isOurs = authorities.contain(host, servedAt: port)
    guard case .enrol = route else {
      let authority = isOurs ? host : authorities.main(servedAt: port)
      let key = try verify(request, for: route, authority: authority)
      answer.keyID = key.keyID
      guard request.method == route.method else { throw .methodNotAllowed }
      return try serve(request, route, key: key)
    }
    guard request.method == route.method else { throw .methodNotAllowed }
    guard isOurs else { throw ServiceRefusal(.authority) }
    return try enrol(request, authority: host)
  }

  private func verify(
    _ request: HTTPRequestMessage,
    for route: ServiceRoute,
    authority: String
  ) throws(ServiceRefusal) -> VerifyingKey {
    let verifier = RequestVerifier(authority: authority, noncesKnownFrom: noncesKnownFrom)
    let now = clock()
    var failure: CenterError?
    let isRotation = if case .key = route { true } else { false }
    do {
      return try verifier.verify(
        request,
        now: now,
        key: { keyID in
          do throws(CenterError) {
            return try center.verifyingKey(keyID, includesRotated: isRotation)
          } catch {
            failure = error
            return nil
          }
        },
        nonceIsFresh: { keyID, nonce in
          do throws(CenterError) {
            return try center.useNonce(
              nonce,
              keyID: keyID,
              now: now,
              windowSeconds: verifier.clockWindowSeconds
            )
          } catch {
            failure = error
            return false
          }
        },
        isAllowed: { key, _, _ in Self.may(key, use: route) }
      )
    } catch {
      // A store that could not be asked is no verdict on the request.
      if let failure { throw ServiceRefusal(failure) }
      throw ServiceRefusal(error)
    }
  }

  /// Deny by default: a site's own devices reach their own site's routes, and nobody else.
  private static func may(_ key: VerifyingKey, use route: ServiceRoute) -> Bool {
    guard let role = DeviceRole(rawValue: key.role), let site = key.site else { return false }
    return site == route.site && (role == .siteReplica || role == .siteAdmin)
  }

  private func serve(
    _ request: HTTPRequestMessage,
    _ route: ServiceRoute,
    key: VerifyingKey
  ) throws(ServiceRefusal) -> HTTPResponseMessage {
    switch route {
    case .sync(let site): try sync(request, site: site, keyID: key.keyID)
    case .model: try model()
    case .key: try rotate(request, keyID: key.keyID)
    case .enrol: throw .notFound
    }
  }

  private func sync(
    _ request: HTTPRequestMessage,
    site: String,
    keyID: String
  ) throws(ServiceRefusal) -> HTTPResponseMessage {
    let message: SyncRequest
    do throws(SyncProtocolError) {
      message = try SyncRequest(decoding: request.body)
    } catch {
      guard case .unknownWireVersion(let version) = error else { throw .malformed }
      throw .laterVersion(version)
    }
    do throws(CenterError) {
      let reply = try center.ingest(
        message,
        site: site,
        keyID: keyID,
        answeringAs: identity,
        now: clock()
      )
      return Self.response(200, SyncRoutes.syncContentType, reply.encoded())
    } catch { throw ServiceRefusal(error) }
  }

  private func rotate(
    _ request: HTTPRequestMessage,
    keyID: String
  ) throws(ServiceRefusal) -> HTTPResponseMessage {
    guard let message = KeyRotationRequest(decoding: request.body) else {
      throw ServiceRefusal(.rotation(.malformed))
    }
    do throws(CenterError) {
      return try Self.json(200, try center.rotate(message, signedBy: keyID, now: clock()))
    } catch { throw ServiceRefusal(error) }
  }

  private func model() throws(ServiceRefusal) -> HTTPResponseMessage {
    do throws(CenterError) {
      return try Self.json(200, try center.modelBundle())
    } catch { throw ServiceRefusal(error) }
  }

  private func enrol(
    _ request: HTTPRequestMessage,
    authority: String
  ) throws(ServiceRefusal) -> HTTPResponseMessage {
    guard let message = try? EnrollmentRequest(decoding: request.body) else { throw .malformed }
    do throws(CenterError) {
      return try Self.json(200, try center.enrol(message, authority: authority, now: clock()))
    } catch { throw ServiceRefusal(error) }
  }
}
