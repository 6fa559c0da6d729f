// SPDX-License-Identifier: Apache-2.0

import Foundation
import SyncProtocol
import Testing

@testable import CurlTransport

@Suite struct CurlTransportTests {
  /// What the server saw of a request.
  struct Seen: Decodable {
    let method: String
    let target: String
    let version: String
    let headers: [[String]]
    let body: String
    let port: Int
  }

  let server: TestServer

  init() throws {
    server = try TestServer.shared.get()
  }

  func options(_ host: String = "127.0.0.1") -> CurlOptions {
    CurlOptions(
      baseURL: "https://\(host):\(server.port)",
      certificateAuthorityFile: server.authorityFile,
      // An empty proxy means none, whatever the environment says.
      proxy: "",
      connectTimeoutMilliseconds: 20_000,
      totalTimeoutMilliseconds: 60_000
    )
  }

  func get(_ target: String) -> HTTPRequestMessage {
    HTTPRequestMessage(method: "GET", target: target)
  }

  func seen(_ request: HTTPRequestMessage) async throws -> Seen {
    let response = try await CurlTransport(options()).send(request)
    return try JSONDecoder().decode(Seen.self, from: response.body)
  }

  @Test func `a request and its response pass unchanged`() async throws {
    let request = HTTPRequestMessage(
      method: "POST",
      target: "/v1/../a%2Fb?x=1&x=2",
      fields: [HTTPField(name: "X-Test", value: "one")],
      body: Data("body".utf8)
    )
    let seen = try await seen(request)
    #expect(seen.method == "POST")
    #expect(seen.target == "/v1/../a%2Fb?x=1&x=2")
    #expect(seen.version == "HTTP/1.1")
    #expect(seen.body == "body")
  }

  @Test func `only the fields of the request are sent beside host and length`() async throws {
    let request = HTTPRequestMessage(
      method: "POST",
      target: "/echo",
      fields: [HTTPField(name: "X-Test", value: "one"), HTTPField(name: "X-Empty", value: "")],
      body: Data(repeating: 0x61, count: 2_000_000)
    )
    let names = try await seen(request).headers.map { $0[0].lowercased() }.sorted()
    #expect(names == ["content-length", "host", "x-empty", "x-test"])
  }

  @Test func `a request without a body has no length`() async throws {
    let names = try await seen(get("/echo")).headers.map { $0[0].lowercased() }
    #expect(names == ["host"])
  }

  @Test func `an empty post says that it is empty`() async throws {
    let seen = try await seen(HTTPRequestMessage(method: "POST", target: "/echo"))
    #expect(seen.headers.contains { $0[0].lowercased() == "content-length" && $0[1] == "0" })
  }

  @Test func `the host field is the authority that is signed`() async throws {
    let transport = try CurlTransport(options())
    let response = try await transport.send(get("/echo"))
    let seen = try JSONDecoder().decode(Seen.self, from: response.body)
    #expect(seen.headers == [["Host", transport.authority]])
  }

  /// The client's ports of some requests that follow each other on the transport's own thread.
  ///
  /// libcurl gives up a connection that was idle for two minutes, as it is when other tests keep all
  /// threads busy between two requests.
  private func ports(_ transport: isolated CurlTransport, requests: Int) async throws -> Set<Int> {
    var ports: Set<Int> = []
    for _ in 0..<requests {
      let response = try await transport.send(get("/echo"))
      ports.insert(try JSONDecoder().decode(Seen.self, from: response.body).port)
    }
    return ports
  }

  @Test func `one connection serves many requests`() async throws {
    #expect(try await ports(CurlTransport(options()), requests: 3).count == 1)
  }

  @Test func `a refusal is a response with its fields`() async throws {
    let response = try await CurlTransport(options()).send(get("/missing"))
    #expect(response.status == 404)
    #expect(response.fields.onlyValue(named: "content-type") == "application/json")
  }

  @Test func `a redirect is not followed`() async throws {
    #expect(try await CurlTransport(options()).send(get("/moved")).status == 302)
  }

  @Test func `sent and received bytes are header and body`() async throws {
    let request = HTTPRequestMessage(
      method: "POST",
      target: "/echo",
      body: Data(repeating: 0x61, count: 1000)
    )
    let response = try await CurlTransport(options()).send(request)
    let header = "POST /echo HTTP/1.1\r\nHost: 127.0.0.1:\(server.port)\r\n"
    let rest = "Content-Length: 1000\r\n\r\n"
    #expect(response.bytesSent == header.utf8.count + rest.utf8.count + 1000)
    #expect(response.bytesReceived > response.body.count)
  }

  @Test func `an unknown authority is an untrusted certificate`() async throws {
    var options = options()
    options.certificateAuthorityFile = server.strangerFile
    let error = await #expect(throws: TransportError.self) {
      try await CurlTransport(options).send(get("/echo"))
    }
    guard case .untrustedCertificate(host: "127.0.0.1", _) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test func `the system's authorities do not trust the private one`() async throws {
    var options = options()
    options.certificateAuthorityFile = nil
    let error = await #expect(throws: TransportError.self) {
      try await CurlTransport(options).send(get("/echo"))
    }
    guard case .untrustedCertificate = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test func `a certificate for another name is untrusted`() async throws {
    let error = await #expect(throws: TransportError.self) {
      try await CurlTransport(options("localhost")).send(get("/echo"))
    }
    guard case .untrustedCertificate(host: "localhost", _) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test func `a server that is down is unreachable`() async throws {
    var options = options()
    // Port 1 is reserved, and nothing listens there.
    options.baseURL = "https://127.0.0.1:1"
    let error = await #expect(throws: TransportError.self) {
      try await CurlTransport(options).send(get("/echo"))
    }
    guard case .unreachable(host: "127.0.0.1", _) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test func `a slow server is timed out`() async throws {
    var options = options()
    options.totalTimeoutMilliseconds = 500
    await #expect(throws: TransportError.timedOut(host: "127.0.0.1")) {
      try await CurlTransport(options).send(get("/slow"))
    }
  }

  @Test(arguments: ["/large", "/large-chunked"])
  func `a body over the limit is too large`(target: String) async throws {
    var options = options()
    options.maximumResponseBytes = 10_000
    await #expect(throws: TransportError.tooLarge(limit: 10_000)) {
      try await CurlTransport(options).send(get(target))
    }
  }

  @Test func `a transport goes on after a failure`() async throws {
    var options = options()
    options.maximumResponseBytes = 10_000
    let transport = try CurlTransport(options)
    _ = try? await transport.send(get("/large"))
    #expect(try await transport.send(get("/echo")).status == 200)
  }

  @Test func `half a body is an interruption`() async throws {
    await #expect(throws: TransportError.interrupted) {
      try await CurlTransport(options()).send(get("/cut"))
    }
  }

  @Test func `a cancelled exchange is interrupted`() async throws {
    let transport = try CurlTransport(options())
    let task = Task { try await transport.send(get("/slow")) }
    task.cancel()
    await #expect(throws: TransportError.interrupted) { try await task.value }
  }

  @Test func `a proxy that refuses says so`() async throws {
    var options = options()
    options.proxy = "http://127.0.0.1:\(server.refusingProxyPort)"
    let error = await #expect(throws: TransportError.self) {
      try await CurlTransport(options).send(get("/echo"))
    }
    guard case .proxyRefused = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test func `a proxy leads to the centre`() async throws {
    var options = options()
    // Nothing listens here: only the proxy can have answered.
    options.baseURL = "https://127.0.0.1:1"
    options.proxy = "http://127.0.0.1:\(server.tunnelPort)"
    #expect(try await CurlTransport(options).send(get("/echo")).status == 200)
  }

  @Test func `a proxy that is down is unreachable`() async throws {
    var options = options()
    options.proxy = "http://127.0.0.1:1"
    let error = await #expect(throws: TransportError.self) {
      try await CurlTransport(options).send(get("/echo"))
    }
    guard case .unreachable = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test func `a field that could forge another is not sent`() async throws {
    let request = HTTPRequestMessage(
      method: "GET",
      target: "/echo",
      fields: [HTTPField(name: "X", value: "a\r\nY: b")]
    )
    await #expect(throws: TransportError.malformedURL("/echo")) {
      try await CurlTransport(options()).send(request)
    }
  }
}
