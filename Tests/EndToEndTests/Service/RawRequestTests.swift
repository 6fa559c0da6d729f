// SPDX-License-Identifier: Apache-2.0

import CenterService
import Crypto
import CurlTransport
import Foundation
import SyncProtocol
import Testing

/// Requests that no HTTP library would send, by `openssl s_client`.
@Suite struct RawRequestTests {
  /// The status line of the answer to raw bytes; empty when the connection was closed without.
  private func status(of bytes: String, at service: RunningService) async throws -> String {
    let scratch = try ScratchFolder()
    let output = try scratch.file("out", "")
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [
      "openssl", "s_client", "-quiet", "-CAfile", service.folder.authorityCertificate,
      "-connect", service.authority,
    ]
    // The input stays open: only the service may end the connection.
    let input = Pipe()
    process.standardInput = input
    process.standardOutput = try FileHandle(forWritingTo: URL(filePath: output))
    process.standardError = FileHandle.nullDevice
    try process.run()
    defer { kill(process.processIdentifier, SIGKILL) }
    try input.fileHandleForWriting.write(contentsOf: Data(bytes.utf8))
    let deadline = ContinuousClock.now + .seconds(20)
    while ContinuousClock.now < deadline {
      let isOver = !process.isRunning
      let text = try String(contentsOfFile: output, encoding: .utf8)
      if let line = text.split(separator: "\r\n").first { return String(line) }
      if isOver { return "" }
      try await Task.sleep(for: .milliseconds(20))
    }
    throw CentreFailure(reason: "the service neither answered nor closed the connection")
  }

  @Test(arguments: [
    "GET /v1/enroll HTTP/1.1\r\n\r\n",
    "GET /v1/enroll HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: elsewhere\r\n\r\n",
    "POST /v1/enroll HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
    "POST /v1/enroll HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
    "NONSENSE\r\n\r\n",
  ])
  func `a request that two readers could read differently is refused`(
    bytes: String
  ) async throws {
    try await RunningService.run { service in
      let line = try await status(of: bytes, at: service)
      #expect(line.hasPrefix("HTTP/1.1 400"))
    }
  }

  @Test func `a header above the limit is not served`() async throws {
    try await RunningService.run { service in
      let long = String(repeating: "a", count: 9 << 10)
      let head = "GET /v1/enroll HTTP/1.1\r\nHost: 127.0.0.1\r\n"
      let served = try await status(of: head + "X-Long: a\r\n\r\n", at: service)
      #expect(served.hasPrefix("HTTP/1.1 405"))
      let line = try await status(of: head + "X-Long: \(long)\r\n\r\n", at: service)
      #expect(!line.hasPrefix("HTTP/1.1 405"))
    }
  }

  @Test func `a header without end loses the connection`() async throws {
    var limits = ServiceLimits()
    limits.idleSeconds = 1
    try await RunningService.run(limits: limits) { service in
      let line = try await status(of: "GET /v1/enroll HTTP/1.1\r\nHost: a\r\n", at: service)
      #expect(line.isEmpty)
    }
  }

  @Test func `a body without end loses the connection`() async throws {
    var limits = ServiceLimits()
    limits.requestSeconds = 1
    try await RunningService.run(limits: limits) { service in
      let head = "POST /v1/enroll HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\n{"
      let line = try await status(of: head, at: service)
      #expect(line.isEmpty)
    }
  }

  @Test(arguments: ["Content-Length: 9000000", "Transfer-Encoding: chunked"])
  func `a stranger's large body is refused before it is sent`(length: String) async throws {
    try await RunningService.run { service in
      _ = try await service.device(of: "HILL")
      let forged = try service.signed(
        "POST",
        SyncRoutes.sync("HILL"),
        body: Data([1]),
        by: SigningIdentity(keyID: "HILL/1", privateKey: .init())
      )
      let lines = forged.fields.map { "\($0.name): \($0.value)" }.joined(separator: "\r\n")
      let head = "POST \(forged.target) HTTP/1.1\r\n\(lines)\r\n\(length)\r\n\r\n"
      #expect(try await status(of: head, at: service).hasPrefix("HTTP/1.1 401"))
    }
  }

  @Test func `a request signed for another host is refused under that host's name too`()
    async throws
  {
    try await RunningService.run { service in
      let device = try await service.device(of: "HILL")
      for (host, status) in [(service.authority, 200), ("elsewhere.example", 421)] {
        let request = try service.signed(
          "GET",
          SyncRoutes.model("HILL"),
          by: device,
          authority: host
        )
        let lines = request.fields.map { "\($0.name): \($0.value)" }.joined(separator: "\r\n")
        let bytes = "GET \(request.target) HTTP/1.1\r\n\(lines)\r\n\r\n"
        #expect(try await self.status(of: bytes, at: service).hasPrefix("HTTP/1.1 \(status)"))
      }
    }
  }

  @Test func `a device's large body is read`() async throws {
    try await RunningService.run { service in
      let device = try await service.device(of: "HILL")
      let body = Data(repeating: 0xFF, count: 1 << 20)
      let request = try service.signed("POST", SyncRoutes.sync("HILL"), body: body, by: device)
      let response = try await service.transport().send(request)
      #expect(try service.refusal(response, to: request) == "malformed_request")
    }
  }
}
