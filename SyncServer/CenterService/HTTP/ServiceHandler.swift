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
  let gate: any RequestGate
  /// How many requests are taken; nil takes them all.
  let rates: RequestRates?
  let clock: @Sendable () -> Int

  /// Makes a handler of its parts.
  ///
  /// - Parameters:
  ///   - center: The use cases.
  ///   - identity: The centre's key, which signs answers.
  ///   - authorities: Under which names the centre is reached.
  ///   - noncesKnownFrom: Since when nonces are known, seconds since 1970.
  ///   - rates: How many requests are taken; nil takes them all.
  ///   - gate: Who tells senders; nil for signatures.
  ///   - clock: Seconds since 1970.
  package init(
    center: Center,
    identity: SigningIdentity,
    authorities: ServiceAuthorities,
    noncesKnownFrom: Int = 0,
    rates: RequestRates? = nil,
    gate: (any RequestGate)? = nil,
    clock: @escaping @Sendable () -> Int
  ) {
    self.center = center
    self.identity = identity
    self.authorities = authorities
    self.rates = rates
    self.gate =
      gate
      ?? SignatureGate(
        center: center,
        identity: identity,
        noncesKnownFrom: noncesKnownFrom,
        clock: clock
      )
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
  ///   - caller: The address that it came from.
  /// - Returns: The signed answer, a refusal too.
  package func answer(
    _ request: HTTPRequestMessage,
    servedAt port: Int,
    from caller: String = ""
  ) -> Answer {
    var answer = Answer(response: HTTPResponseMessage(status: 500))
    do throws(ServiceRefusal) {
      answer.response = try respond(to: request, servedAt: port, from: caller, noting: &answer)
    } catch {
      let refusal = charged(error, answer, from: caller)
      answer.code = refusal.code
      answer.response = Self.message(refusal)
    }
    gate.seal(&answer.response, answering: request)
    return answer
  }

  /// The signed answer to a request that is refused before it is read.
  func refusal(
    _ refusal: ServiceRefusal,
    of request: HTTPRequestMessage,
    from caller: String
  ) -> Answer {
    let refusal = charged(refusal, nil, from: caller)
    var answer = Answer(response: Self.message(refusal), code: refusal.code)
    gate.seal(&answer.response, answering: request)
    return answer
  }

  /// The refusal to give: the address pays for it, unless a device or an enrolment has paid.
  private func charged(
    _ refusal: ServiceRefusal,
    _ answer: Answer?,
    from caller: String
  ) -> ServiceRefusal {
    guard refusal.status < 500, refusal.status != 429, answer?.route != ServiceRoute.enrol.name,
      answer?.keyID.isEmpty ?? true
    else { return refusal }
    return rates?.chargeFailure(from: caller) ?? refusal
  }

  private func respond(
    to request: HTTPRequestMessage,
    servedAt port: Int,
    from caller: String,
    noting answer: inout Answer
  ) throws(ServiceRefusal) -> HTTPResponseMessage {
    guard let host = request.fields.onlyValue(named: "host") else {
      throw ServiceRefusal(.missingOrRepeatedHost)
    }
    guard let route = ServiceRoute(path: request.path) else { throw .notFound }
    answer.route = route.name
    answer.site = route.site ?? ""
    guard case .enrol = route else {
      let admitted = try admit(request, to: route, host: host, servedAt: port)
      return try serve(request, route, admitted, noting: &answer)
    }
    try rates?.chargeEnrolment(from: caller)
    guard request.method == route.method else { throw .methodNotAllowed }
    guard authorities.contain(host, servedAt: port) else { throw ServiceRefusal(.authority) }
    let response = try enrol(request, authority: host)
    rates?.unchargeEnrolment(from: caller)
    return response
  }

  private func admit(
    _ request: HTTPRequestMessage,
    to route: ServiceRoute,
    host: String,
    servedAt port: Int
  ) throws(ServiceRefusal) -> AdmittedRequest {
    let isOurs = authorities.contain(host, servedAt: port)
    return try gate.admit(
      request,
      to: route,
      authority: isOurs ? host : authorities.main(servedAt: port)
    )
  }

  /// The answer to a request whose head alone shows that it is refused; nil when its body counts.
  ///
  /// The signature covers the body's digest and not the body, so a stranger's large body need not
  /// be read, nor held in memory.
  func answer(
    toHead head: HTTPRequestMessage,
    servedAt port: Int,
    from caller: String
  ) -> Answer? {
    guard let route = ServiceRoute(path: head.path), route != .enrol,
      let host = head.fields.onlyValue(named: "host")
    else { return nil }
    do throws(ServiceRefusal) {
      _ = try admit(head, to: route, host: host, servedAt: port)
      return nil
    } catch {
      guard error.code != SignatureRefusal.digestMismatch.rawValue else { return nil }
      return refusal(error, of: head, from: caller)
    }
  }

  /// Serves a request whose sender is known, when the sender does not ask too often.
  private func serve(
    _ request: HTTPRequestMessage,
    _ route: ServiceRoute,
    _ admitted: AdmittedRequest,
    noting answer: inout Answer
  ) throws(ServiceRefusal) -> HTTPResponseMessage {
    answer.keyID = admitted.keyID
    try rates?.charge(key: admitted.keyID)
    do throws(ServiceRefusal) {
      guard request.method == route.method else {
        try record(admitted.nonce)
        throw .methodNotAllowed
      }
      return switch route {
      case .sync(let site): try sync(request, site: site, from: admitted)
      case .model: try model(for: admitted)
      case .key: try rotate(request, from: admitted)
      case .auditBreaks: try auditBreaks(for: admitted)
      case .enrol: throw .notFound
      }
    } catch {
      if error.code == SignatureRefusal.replay.rawValue {
        // Whoever repeats a request is not its device.
        rates?.uncharge(key: admitted.keyID)
        answer.keyID = ""
      }
      throw error
    }
  }

  private func record(_ nonce: RequestNonce?) throws(ServiceRefusal) {
    guard let nonce else { return }
    do throws(CenterError) {
      try center.use(nonce, now: clock())
    } catch { throw ServiceRefusal(error) }
  }

  private func sync(
    _ request: HTTPRequestMessage,
    site: String,
    from admitted: AdmittedRequest
  ) throws(ServiceRefusal) -> HTTPResponseMessage {
    let message: SyncRequest
    do throws(SyncProtocolError) {
      message = try SyncRequest(decoding: request.body)
    } catch {
      try record(admitted.nonce)
      guard case .unknownWireVersion(let version) = error else { throw .malformed }
      throw .laterVersion(version)
    }
    do throws(CenterError) {
      let reply = try center.ingest(
        message,
        site: site,
        keyID: admitted.keyID,
        nonce: admitted.nonce,
        answeringAs: identity,
        now: clock()
      )
      return Self.response(200, SyncRoutes.syncContentType, reply.encoded())
    } catch { throw ServiceRefusal(error) }
  }

  private func rotate(
    _ request: HTTPRequestMessage,
    from admitted: AdmittedRequest
  ) throws(ServiceRefusal) -> HTTPResponseMessage {
    try record(admitted.nonce)
    guard let message = KeyRotationRequest(decoding: request.body) else {
      throw ServiceRefusal(.rotation(.malformed))
    }
    do throws(CenterError) {
      return try Self.json(200, try center.rotate(message, signedBy: admitted.keyID, now: clock()))
    } catch { throw ServiceRefusal(error) }
  }

  private func model(
    for admitted: AdmittedRequest
  ) throws(ServiceRefusal) -> HTTPResponseMessage {
    try record(admitted.nonce)
    do throws(CenterError) {
      return try Self.json(200, try center.modelBundle())
    } catch { throw ServiceRefusal(error) }
  }

  private func auditBreaks(
    for admitted: AdmittedRequest
  ) throws(ServiceRefusal) -> HTTPResponseMessage {
    try record(admitted.nonce)
    do throws(CenterError) {
      return try Self.json(200, try center.explainedBreaks(signedBy: identity))
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
