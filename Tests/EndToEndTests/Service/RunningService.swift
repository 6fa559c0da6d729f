// SPDX-License-Identifier: Apache-2.0

import Center
import CenterService
import Crypto
import CurlTransport
import Foundation
import Logging
import Registry
import SyncProtocol
import Testing

/// A centre served in this process over TLS on a free loopback port.
///
/// Each request is signed and sent by hand, so that a test can send what no client would.
struct RunningService {
  let folder: CenterFolder
  let center: Center
  let port: Int

  var authority: String { "127.0.0.1:\(port)" }

  /// Sets up a centre, serves it while a body runs, and stops it.
  static func run(
    limits: ServiceLimits = ServiceLimits(),
    _ body: (RunningService) async throws -> Void
  ) async throws {
    let scratch = try ScratchFolder()
    let folder = CenterFolder(path: scratch.path("centre"))
    let now = Int(time(nil))
    _ = try CenterSetUp(folder: folder, study: try Study.embedded(), now: now)
      .run(name: "Test centre", hosts: ["registry.lobule.example"])
    var logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    logger.logLevel = .critical
    let server = try CenterServer(
      folder: folder,
      limits: limits,
      logger: logger,
      clock: { Int(time(nil)) }
    )
    let (ports, continuation) = AsyncStream<Int>.makeStream()
    let serving = Task {
      defer { continuation.finish() }
      try await server.run(host: "127.0.0.1", port: 0, handlesSignals: false) {
        continuation.yield($0)
      }
    }
    defer { serving.cancel() }
    var iterator = ports.makeAsyncIterator()
    guard let port = await iterator.next() else {
      try await serving.value
      throw CentreFailure(reason: "the service did not start")
    }
    let service = RunningService(folder: folder, center: try Center.open(folder), port: port)
    try await body(service)
    serving.cancel()
    try await serving.value
  }

  /// A connection that trusts the centre's authority alone.
  func transport() throws -> CurlTransport {
    try CurlTransport(
      CurlOptions(
        baseURL: "https://\(authority)",
        certificateAuthorityFile: folder.authorityCertificate
      )
    )
  }

  /// Enrols a device of a site over the wire.
  func device(of site: String) async throws -> SigningIdentity {
    var generator = SystemRandomNumberGenerator()
    let code = try center.addSite(site, name: site, now: Int(time(nil)), using: &generator)
    let key = Curve25519.Signing.PrivateKey()
    let request = Enrollment.request(
      site: site,
      publicKey: key.publicKey.rawRepresentation,
      code: code
    )
    let response = try await transport().send(
      HTTPRequestMessage(
        method: "POST",
        target: SyncRoutes.enroll,
        fields: [HTTPField(name: "content-type", value: SyncRoutes.jsonContentType)],
        body: try request.encoded()
      )
    )
    try #require(response.status == 200)
    let reply = try EnrollmentReply(decoding: response.body)
    try Enrollment.verify(reply, publicKey: key.publicKey.rawRepresentation, code: code)
    return SigningIdentity(keyID: reply.keyID, privateKey: key)
  }

  /// A signed request.
  func signed(
    _ method: String,
    _ target: String,
    body: Data = Data(),
    by identity: SigningIdentity,
    created: Int = Int(time(nil)),
    authority: String? = nil
  ) throws -> HTTPRequestMessage {
    var generator = SystemRandomNumberGenerator()
    var request = HTTPRequestMessage(
      method: method,
      target: target,
      fields: [HTTPField(name: "host", value: authority ?? self.authority)],
      body: body
    )
    if !body.isEmpty {
      request.fields.append(HTTPField(name: "content-type", value: SyncRoutes.syncContentType))
    }
    try RequestSigner.sign(
      &request,
      authority: authority ?? self.authority,
      identity: identity,
      created: created,
      nonce: RequestSigner.nonce(using: &generator)
    )
    return request
  }

  /// The refusal code of an answer, after checking that the centre signed it for this request.
  func refusal(
    _ response: TransportResponse,
    to request: HTTPRequestMessage
  ) throws -> String {
    try verify(response, to: request)
    return try JSONDecoder().decode(ErrorBody.self, from: response.body).error
  }

  /// Checks the signature of an answer.
  func verify(_ response: TransportResponse, to request: HTTPRequestMessage) throws {
    let identity = try center.identity()
    _ = try ResponseVerifier.verify(
      response.message,
      requestSignature: request.fields.onlyValue(named: "signature"),
      publicKey: try Curve25519.Signing.PublicKey(rawRepresentation: identity.publicKey)
    )
  }
}
