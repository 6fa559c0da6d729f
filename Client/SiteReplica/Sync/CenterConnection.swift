// SPDX-License-Identifier: Apache-2.0

public import Crypto
public import Foundation
import SyncProtocol

/// Where a device is enrolled, with the keys of both ends.
public struct CenterEnrollment: Sendable {
  /// The centre's address as typed.
  public let server: String
  /// The certificate authority that was given, PEM; nil for the system's.
  public let authorityCertificate: Data?
  /// The host and port that both ends sign.
  public let authority: String
  /// The centre's name for people.
  public let centerName: String
  /// The name of this device's key at the centre.
  public let keyID: String
  /// The centre's key, pinned at enrolment.
  public let centerKey: Curve25519.Signing.PublicKey
}

/// One device's signed conversation with the centre.
struct CenterConnection {
  private let transport: any SyncTransport
  private let identity: SigningIdentity
  private let enrollment: CenterEnrollment
  private let clock: @Sendable () -> Int
  private let pause: SyncPause?
  /// The centre's clock minus this one, seconds; learnt from a signed refusal.
  private(set) var clockOffset: Int
  private(set) var bytesSent = 0
  private(set) var bytesReceived = 0
  private(set) var requests = 0

  init(
    transport: any SyncTransport,
    identity: SigningIdentity,
    enrollment: CenterEnrollment,
    clockOffset: Int,
    clock: @escaping @Sendable () -> Int,
    pause: SyncPause? = nil
  ) {
    self.transport = transport
    self.identity = identity
    self.enrollment = enrollment
    self.clockOffset = clockOffset
    self.clock = clock
    self.pause = pause
  }

  /// Sends a request and returns the verified body of a successful answer.
  ///
  /// A signed `clock_window` refusal gives the centre's time: the request is signed once more with
  /// it, and the offset is kept. A centre that asks to wait gets the request again, signed anew,
  /// after the time that it names, when that is bearable.
  mutating func send(
    _ request: HTTPRequestMessage,
    using generator: inout some RandomNumberGenerator
  ) async throws(RemoteFailure) -> Data {
    var hasCorrectedClock = false
    var pauses = 0
    while true {
      let (response, signature) = try await exchange(request, using: &generator)
      let created = try verify(response, signature)
      if (200..<300).contains(response.status) { return response.body }
      if !hasCorrectedClock, isClockWindow(response) {
        hasCorrectedClock = true
        clockOffset = created - clock()
        continue
      }
      let refusal = RemoteFailure(refusal: response)
      guard case .busy(let seconds) = refusal, let pause, pauses < SyncPause.maximumCount,
        seconds <= SyncPause.maximumSeconds
      else { throw refusal }
      pauses += 1
      guard await pause.wait(seconds) else { throw .transport(.interrupted) }
    }
  }

  private mutating func exchange(
    _ request: HTTPRequestMessage,
    using generator: inout some RandomNumberGenerator
  ) async throws(RemoteFailure) -> (TransportResponse, String) {
    var signed = request
    do throws(SigningError) {
      try RequestSigner.sign(
        &signed,
        authority: enrollment.authority,
        identity: identity,
        created: clock() + clockOffset,
        nonce: RequestSigner.nonce(using: &generator)
      )
    } catch {
      throw .malformedAnswer
    }
    do throws(TransportError) {
      let response = try await transport.send(signed)
      requests += 1
      bytesSent += response.bytesSent
      bytesReceived += response.bytesReceived
      return (response, signed.fields.onlyValue(named: "signature") ?? "")
    } catch {
      throw .transport(error)
    }
  }

  /// The centre's time of signing; every answer must be signed by the pinned key.
  private func verify(
    _ response: TransportResponse,
    _ signature: String
  ) throws(RemoteFailure) -> Int {
    do throws(SignatureRefusal) {
      return try ResponseVerifier.verify(
        response.message,
        requestSignature: signature,
        publicKey: enrollment.centerKey
      )
    } catch {
      // A centre that is shedding load or a proxy in between may answer before it can sign; such
      // an answer is believed only in that nothing was done.
      throw .notFromCenter(status: response.status, reason: error.rawValue)
    }
  }

  private func isClockWindow(_ response: TransportResponse) -> Bool {
    guard response.status >= 400 else { return false }
    return ErrorAnswer(response.body)?.error == SignatureRefusal.clockWindow.rawValue
  }
}

/// How a sync waits when the centre asks it to.
public struct SyncPause: Sendable {
  /// The longest wait that a sync bears, in seconds; after longer ones the person decides.
  public static let maximumSeconds = 120
  /// How often one request waits.
  public static let maximumCount = 5
  /// Waits for a number of seconds; false when the wait was cancelled.
  public let wait: @Sendable (_ seconds: Int) async -> Bool

  /// Makes a pause of its wait.
  public init(_ wait: @escaping @Sendable (_ seconds: Int) async -> Bool) { self.wait = wait }
}

extension RemoteFailure {
  /// Reads what an answer that is no success says.
  init(refusal response: TransportResponse) {
    let body = ErrorAnswer(response.body)
    guard response.status != 429 else {
      self = .busy(retryAfterSeconds: min(max(1, body?.retryAfter ?? 60), 3_600))
      return
    }
    self = .refused(
      status: response.status,
      code: body?.error ?? "",
      message: body?.message ?? ""
    )
  }
}

/// The JSON body of a refusal, read leniently: it only informs.
struct ErrorAnswer {
  let error: String
  let message: String
  let retryAfter: Int?

  init?(_ body: Data) {
    guard body.count <= 1 << 16, let parsed = try? JSONDecoder().decode(ErrorBody.self, from: body)
    else { return nil }
    error = String(parsed.error.prefix(80))
    retryAfter = parsed.retryAfter
    // Shown on a terminal: no control characters, and not a novel.
    message = String(
      parsed.message.unicodeScalars.filter { $0.value >= 32 && $0.value != 127 }
        .map(Character.init).prefix(400)
    )
  }
}
