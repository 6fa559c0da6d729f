// SPDX-License-Identifier: Apache-2.0

import Center
import CenterService
import Crypto
import CurlTransport
import Foundation
import Replication
import SyncProtocol
import Testing

@Suite struct ServiceTests {
  private static let idle = SyncRequest(
    vector: .init(),
    chainHeads: [],
    stateRoot: Data(repeating: 0, count: 32)
  ).encoded()

  @Test func `an enrolled device syncs and the answer is signed for its request`() async throws {
    try await RunningService.run { service in
      let device = try await service.device(of: "HILL")
      let request = try service.signed(
        "POST",
        SyncRoutes.sync("HILL"),
        body: Self.idle,
        by: device
      )
      let response = try await service.transport().send(request)
      #expect(response.status == 200)
      try service.verify(response, to: request)
      #expect(try SyncReply(decoding: response.body).modelVersion == 1)
    }
  }

  @Test func `the released model comes with signatures that a site accepts`() async throws {
    try await RunningService.run { service in
      let device = try await service.device(of: "HILL")
      let request = try service.signed("GET", SyncRoutes.model("HILL"), by: device)
      let response = try await service.transport().send(request)
      let bundle = try JSONDecoder().decode(ModelBundle.self, from: response.body)
      var site = ModelChannelState(trusting: try TrustedRoot(bundle.roots[0]))
      try site.accept(
        ModelChannelUpdate(timestamp: bundle.timestamp, model: bundle.model),
        now: Int(time(nil))
      )
      #expect(site.models.values.map(\.version) == [1])
    }
  }

  @Test func `the same request again is a replay`() async throws {
    try await RunningService.run { service in
      let device = try await service.device(of: "HILL")
      let request = try service.signed("GET", SyncRoutes.model("HILL"), by: device)
      let transport = try service.transport()
      let first = try await transport.send(request)
      #expect(first.status == 200)
      let again = try await transport.send(request)
      #expect(again.status == 401)
      #expect(try service.refusal(again, to: request) == "replay")
    }
  }

  @Test func `a device on another site's path is forbidden`() async throws {
    try await RunningService.run { service in
      let device = try await service.device(of: "HILL")
      _ = try await service.device(of: "COAST")
      let request = try service.signed(
        "POST",
        SyncRoutes.sync("COAST"),
        body: Self.idle,
        by: device
      )
      let response = try await service.transport().send(request)
      #expect(response.status == 403)
      #expect(try service.refusal(response, to: request) == "forbidden")
    }
  }

  @Test func `a revoked site is told so in a signed answer`() async throws {
    try await RunningService.run { service in
      let device = try await service.device(of: "HILL")
      try service.center.revokeSite("HILL", now: Int(time(nil)))
      let request = try service.signed("GET", SyncRoutes.model("HILL"), by: device)
      let response = try await service.transport().send(request)
      #expect(response.status == 403)
      #expect(try service.refusal(response, to: request) == "key_revoked")
    }
  }

  @Test func `a body changed on the way is refused`() async throws {
    try await RunningService.run { service in
      let device = try await service.device(of: "HILL")
      var request = try service.signed(
        "POST",
        SyncRoutes.sync("HILL"),
        body: Self.idle,
        by: device
      )
      request.body[0] ^= 1
      let response = try await service.transport().send(request)
      #expect(try service.refusal(response, to: request) == "digest_mismatch")
    }
  }

  @Test func `a request signed at another time is refused with the centre's time`() async throws {
    try await RunningService.run { service in
      let device = try await service.device(of: "HILL")
      let request = try service.signed(
        "GET",
        SyncRoutes.model("HILL"),
        by: device,
        created: Int(time(nil)) - 3600
      )
      let response = try await service.transport().send(request)
      #expect(try service.refusal(response, to: request) == "clock_window")
    }
  }

  @Test func `a request signed for another host is refused`() async throws {
    try await RunningService.run { service in
      let device = try await service.device(of: "HILL")
      let request = try service.signed(
        "GET",
        SyncRoutes.model("HILL"),
        by: device,
        authority: "elsewhere.example"
      )
      let response = try await service.transport().send(request)
      #expect(try service.refusal(response, to: request) == "bad_signature")
    }
  }

  @Test(arguments: [
    ("GET", "/"), ("GET", "/v1/sites"), ("GET", "/v1/sites/HILL"), ("GET", "/v1/sites//model"),
    ("GET", "/v1/sites/HILL/model/"), ("GET", "/v1/sites/HI%4CL/model"), ("POST", "/v2/enroll"),
  ])
  func `what is no route is not found`(method: String, target: String) async throws {
    try await RunningService.run { service in
      let request = HTTPRequestMessage(method: method, target: target)
      let response = try await service.transport().send(request)
      #expect(response.status == 404)
    }
  }

  @Test func `nothing is served without a signature`() async throws {
    try await RunningService.run { service in
      _ = try await service.device(of: "HILL")
      let request = HTTPRequestMessage(method: "GET", target: SyncRoutes.model("HILL"))
      let response = try await service.transport().send(request)
      #expect(response.status == 401)
      #expect(try service.refusal(response, to: request) == "missing_or_repeated_signature-input")
    }
  }

  @Test func `a body above the limit is refused`() async throws {
    var limits = ServiceLimits()
    limits.syncBodyBytes = 1000
    try await RunningService.run(limits: limits) { service in
      let device = try await service.device(of: "HILL")
      let request = try service.signed(
        "POST",
        SyncRoutes.sync("HILL"),
        body: Data(repeating: 0, count: 1001),
        by: device
      )
      let response = try await service.transport().send(request)
      #expect(response.status == 413)
    }
  }

  @Test func `a packed body is refused`() async throws {
    try await RunningService.run { service in
      var request = HTTPRequestMessage(method: "POST", target: SyncRoutes.enroll, body: Data([1]))
      request.fields = [HTTPField(name: "content-encoding", value: "gzip")]
      let response = try await service.transport().send(request)
      #expect(response.status == 415)
    }
  }

  @Test func `secrets are for their owner alone`() async throws {
    try await RunningService.run { service in
      let folder = service.folder
      let files =
        [
          folder.store, folder.serverKey, folder.serviceKey, folder.timestampKey,
          folder.authorityKey,
        ] + (1...3).flatMap { [folder.rootKey($0), folder.modelKey($0)] }
      for path in files {
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions]
        #expect(mode as? Int == 0o600, "\(path)")
      }
    }
  }
}
