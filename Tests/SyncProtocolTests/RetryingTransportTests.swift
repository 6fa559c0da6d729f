// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization
import SyncProtocol
import Testing

@Suite struct RetryingTransportTests {
  /// Gives prepared answers in order and counts the requests.
  final class Script: SyncTransport {
    let answers: [Result<Int, TransportError>]
    let sent = Mutex<[HTTPRequestMessage]>([])

    init(_ answers: [Result<Int, TransportError>]) { self.answers = answers }

    func send(_ request: HTTPRequestMessage) async throws(TransportError) -> TransportResponse {
      let index = sent.withLock { sent in
        sent.append(request)
        return sent.count - 1
      }
      let status = try answers[min(index, answers.count - 1)].get()
      return TransportResponse(
        status: status,
        fields: [],
        body: Data(),
        bytesSent: 0,
        bytesReceived: 0
      )
    }
  }

  /// Remembers the waits instead of waiting.
  final class Waits: Sendable {
    let all = Mutex<[Duration]>([])
  }

  static let request = HTTPRequestMessage(method: "GET", target: "/")
  static let down = TransportError.unreachable(host: "a", reason: "")

  let waits = Waits()

  func transport(_ script: Script, attempts: Int = 4, fraction: Double = 0.5) -> RetryingTransport {
    RetryingTransport(
      script,
      policy: RetryPolicy(
        maximumAttempts: attempts,
        firstDelay: .seconds(1),
        maximumDelay: .seconds(3)
      ),
      sleep: { [waits] duration in waits.all.withLock { $0.append(duration) } },
      randomFraction: { fraction }
    )
  }

  @Test(arguments: [502, 503, 504])
  func `an overloaded centre is asked again`(status: Int) async throws {
    let script = Script([.success(status), .success(200)])
    #expect(try await transport(script).send(Self.request).status == 200)
  }

  @Test(arguments: [down, .timedOut(host: "a"), .interrupted])
  func `a centre out of reach is asked again`(error: TransportError) async throws {
    let script = Script([.failure(error), .success(200)])
    #expect(try await transport(script).send(Self.request).status == 200)
  }

  @Test(arguments: [
    .untrustedCertificate(host: "a", reason: ""), .proxyRefused(reason: ""), .tooLarge(limit: 1),
    TransportError.malformedURL("x"),
  ])
  func `an error that time does not heal is handed on at once`(error: TransportError) async {
    let script = Script([.failure(error), .success(200)])
    await #expect(throws: error) { try await transport(script).send(Self.request) }
    #expect(script.sent.withLock { $0.count } == 1)
  }

  @Test(arguments: [200, 400, 401, 403, 409, 413, 429, 500])
  func `any other status is the answer`(status: Int) async throws {
    let script = Script([.success(status)])
    #expect(try await transport(script).send(Self.request).status == status)
    #expect(waits.all.withLock { $0.isEmpty })
  }

  @Test func `the attempts are bounded and the last error is handed on`() async {
    let script = Script([.failure(Self.down)])
    await #expect(throws: Self.down) { try await transport(script, attempts: 3).send(Self.request) }
    #expect(script.sent.withLock { $0.count } == 3)
  }

  @Test func `the last overloaded answer is handed on`() async throws {
    let script = Script([.success(503)])
    #expect(try await transport(script, attempts: 2).send(Self.request).status == 503)
  }

  @Test func `waits double up to their bound and are scaled by chance`() async {
    let script = Script([.failure(Self.down)])
    _ = try? await transport(script).send(Self.request)
    #expect(waits.all.withLock { $0 } == [.milliseconds(500), .seconds(1), .milliseconds(1500)])
  }

  @Test func `each attempt can be signed anew`() async throws {
    let script = Script([.failure(.interrupted), .success(200)])
    let (request, _) = try await transport(script).send { attempt in
      HTTPRequestMessage(method: "GET", target: "/\(attempt)")
    }
    #expect(request.target == "/2")
    #expect(script.sent.withLock { $0.map(\.target) } == ["/1", "/2"])
  }

  @Test func `a cancelled wait ends the attempts`() async {
    let script = Script([.failure(Self.down)])
    let transport = RetryingTransport(
      script,
      sleep: { _ in throw CancellationError() },
      randomFraction: { 0 }
    )
    await #expect(throws: TransportError.interrupted) { try await transport.send(Self.request) }
    #expect(script.sent.withLock { $0.count } == 1)
  }
}
