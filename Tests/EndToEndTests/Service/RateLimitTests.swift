// SPDX-License-Identifier: Apache-2.0

import Center
import CenterService
import Crypto
import CurlTransport
import Foundation
import SyncProtocol
import Testing

@Suite struct RateLimitTests {
  private static func limits(_ change: (inout ServiceLimits) -> Void) -> ServiceLimits {
    var limits = ServiceLimits()
    change(&limits)
    return limits
  }

  /// The statuses of signed requests for the model, one after the other.
  private static func ask(
    _ service: RunningService,
    _ times: Int,
    by device: SigningIdentity
  ) async throws -> [Int] {
    let transport = try service.transport()
    var statuses: [Int] = []
    for _ in 0..<times {
      let request = try service.signed("GET", SyncRoutes.model("HILL"), by: device)
      statuses.append(try await transport.send(request).status)
    }
    return statuses
  }

  /// A request to enrol that knows no code.
  private static func guess() throws -> HTTPRequestMessage {
    var generator = SystemRandomNumberGenerator()
    let asked = Enrollment.request(
      site: "HILL",
      publicKey: Curve25519.Signing.PrivateKey().publicKey.rawRepresentation,
      code: EnrollmentCode.random(using: &generator)
    )
    return HTTPRequestMessage(
      method: "POST",
      target: SyncRoutes.enroll,
      fields: [HTTPField(name: "content-type", value: SyncRoutes.jsonContentType)],
      body: try asked.encoded()
    )
  }

  @Test func `a device that asks too often is told when to come back, in a signed answer`()
    async throws
  {
    try await RunningService.run(limits: Self.limits { $0.requestsPerMinute = 3 }) { service in
      let device = try await service.device(of: "HILL")
      #expect(try await Self.ask(service, 3, by: device) == [200, 200, 200])
      let request = try service.signed("GET", SyncRoutes.model("HILL"), by: device)
      let response = try await service.transport().send(request)
      #expect(response.status == 429)
      #expect(try service.refusal(response, to: request) == "too_many_requests")
      let seconds = try #require(
        response.fields.onlyValue(named: "retry-after").flatMap { Int($0) }
      )
      #expect((1...20).contains(seconds))
      let body = try JSONDecoder().decode(ErrorBody.self, from: response.body)
      #expect(body.retryAfter == seconds)
    }
  }

  @Test func `one device's haste is not another's`() async throws {
    try await RunningService.run(limits: Self.limits { $0.requestsPerMinute = 2 }) { service in
      let hasty = try await service.device(of: "HILL")
      let other = try await service.device(of: "HILL")
      #expect(try await Self.ask(service, 3, by: hasty) == [200, 200, 429])
      #expect(try await Self.ask(service, 2, by: other) == [200, 200])
    }
  }

  @Test func `nobody uses up a device's requests with signatures that are not its own`()
    async throws
  {
    try await RunningService.run(limits: Self.limits { $0.requestsPerMinute = 2 }) { service in
      let device = try await service.device(of: "HILL")
      let forger = SigningIdentity(keyID: device.keyID, privateKey: .init())
      #expect(try await Self.ask(service, 9, by: forger) == Array(repeating: 401, count: 9))
      #expect(try await Self.ask(service, 2, by: device) == [200, 200])
    }
  }

  @Test func `nobody uses up a device's requests by repeating them`() async throws {
    try await RunningService.run(limits: Self.limits { $0.requestsPerMinute = 2 }) { service in
      let device = try await service.device(of: "HILL")
      let transport = try service.transport()
      let request = try service.signed("GET", SyncRoutes.model("HILL"), by: device)
      var statuses: [Int] = []
      for _ in 0..<5 { statuses.append(try await transport.send(request).status) }
      #expect(statuses == [200, 401, 401, 401, 401])
      #expect(try await Self.ask(service, 1, by: device) == [200])
    }
  }

  @Test func `refusals from one address end in a request to wait, and a good device is served`()
    async throws
  {
    try await RunningService.run(limits: Self.limits { $0.failuresPerMinute = 3 }) { service in
      let device = try await service.device(of: "HILL")
      let transport = try service.transport()
      var statuses: [Int] = []
      for target in ["/", "/v1/sites/HILL/model", "/v1/sites/HILL/sync", "/", "/favicon.ico"] {
        let request = HTTPRequestMessage(method: "GET", target: target)
        let response = try await transport.send(request)
        try service.verify(response, to: request)
        statuses.append(response.status)
      }
      #expect(statuses == [404, 401, 401, 429, 429])
      #expect(try await Self.ask(service, 2, by: device) == [200, 200])
    }
  }

  @Test func `guesses at an enrolment code are few, and good codes are not counted`() async throws {
    try await RunningService.run(limits: Self.limits { $0.enrolmentsPerMinute = 3 }) { service in
      for _ in 0..<5 { _ = try await service.device(of: "HILL") }
      let transport = try service.transport()
      var statuses: [Int] = []
      for _ in 0..<5 { statuses.append(try await transport.send(Self.guess()).status) }
      #expect(statuses == [403, 403, 403, 429, 429])
    }
  }

  @Test func `every answer tells browsers to keep nothing and run nothing`() async throws {
    try await RunningService.run { service in
      let device = try await service.device(of: "HILL")
      let good = try service.signed("GET", SyncRoutes.model("HILL"), by: device)
      for request in [good, HTTPRequestMessage(method: "GET", target: "/")] {
        let fields = try await service.transport().send(request).fields
        #expect(fields.onlyValue(named: "cache-control") == "no-store")
        #expect(fields.onlyValue(named: "x-content-type-options") == "nosniff")
        #expect(fields.onlyValue(named: "referrer-policy") == "no-referrer")
        #expect(fields.onlyValue(named: "strict-transport-security") == "max-age=31536000")
        let policy = try #require(fields.onlyValue(named: "content-security-policy"))
        #expect(policy.contains("default-src 'none'"))
      }
    }
  }

  @Test func `people are told in a sentence when to try again`() throws {
    let centre = try CentreProcess(serving: ["--enrolments-per-minute", "1"])
    let wrong = try centre.code(for: "COAST")
    _ = try centre.code(for: "HILL")
    let device = try Device(site: "HILL")
    #expect(try device.enroll(at: centre, code: wrong).errors.contains("code"))
    let second = try device.enroll(at: centre, code: wrong)
    #expect(second.status == 4)
    #expect(second.errors.contains(/again in \d+ seconds/))
  }

  @Test(arguments: ["--requests-per-minute", "--failures-per-minute", "--enrolments-per-minute"])
  func `a limit of nothing is a usage error`(flag: String) throws {
    let folder = try ScratchFolder()
    let data = folder.path("centre")
    _ = try Program.center.run(["init", "--name", "Test centre", "--data", data])
    #expect(try Program.center.run(["serve", "--data", data, flag, "0"]).status == 2)
  }
}
