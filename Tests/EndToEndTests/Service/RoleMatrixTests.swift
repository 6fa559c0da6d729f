// SPDX-License-Identifier: Apache-2.0

import Center
import CenterService
import Crypto
import CurlTransport
import Foundation
import Replication
import SyncProtocol
import Testing

/// Every kind of caller on every route of every site by every method: what is not listed as allowed
/// must be refused.
@Suite struct RoleMatrixTests {
  private static let methods = ["GET", "POST", "PUT", "DELETE", "PATCH"]
  private static let idle = SyncRequest(
    vector: .init(),
    chainHeads: [],
    stateRoot: Data(repeating: 0, count: 32)
  ).encoded()

  /// Who asks, and the site whose routes are open to them.
  private struct Caller {
    let name: String
    let identity: SigningIdentity?
    let ownSite: String?
  }

  @Test func `each caller reaches its own site's routes and nothing else`() async throws {
    var limits = ServiceLimits()
    // Each refusal shall be the route's own.
    limits.failuresPerMinute = 10_000
    try await RunningService.run(limits: limits) { service in
      let callers = try await Self.callers(service)
      var successes: [String] = []
      for caller in callers {
        for site in ["HILL", "COAST", "NOWHERE"] {
          for target in [
            SyncRoutes.sync(site), SyncRoutes.model(site), SyncRoutes.key(site),
            SyncRoutes.auditBreaks(site),
          ] {
            for method in Self.methods {
              let status = try await Self.ask(service, caller, method, target)
              #expect(
                [200, 400, 401, 403, 405, 413].contains(status),
                "\(caller.name) \(method) \(target): \(status)"
              )
              // The body is no rotation: whoever may ask for one is told so.
              let isAllowed = status < 400 || target == SyncRoutes.key(site) && status == 400
              if isAllowed { successes.append("\(caller.name) \(method) \(target)") }
            }
          }
        }
      }
      let expected = callers.flatMap { caller in
        (caller.ownSite.map { [$0] } ?? []).flatMap { site in
          [
            "\(caller.name) POST \(SyncRoutes.sync(site))",
            "\(caller.name) GET \(SyncRoutes.model(site))",
            "\(caller.name) POST \(SyncRoutes.key(site))",
            "\(caller.name) GET \(SyncRoutes.auditBreaks(site))",
          ]
        }
      }
      #expect(successes.sorted() == expected.sorted())
    }
  }

  @Test func `a rotated key asks for its own answer again and does nothing else`() async throws {
    try await RunningService.run { service in
      let old = try await service.device(of: "HILL")
      let other = try await service.device(of: "COAST")
      let (next, stolen) = (Curve25519.Signing.PrivateKey(), Curve25519.Signing.PrivateKey())
      func rotate(
        _ identity: SigningIdentity,
        site: String,
        to key: Curve25519.Signing.PrivateKey
      )
        async throws -> (status: Int, keyID: String?)
      {
        let asked = try KeyRotationRequest(
          site: site,
          keyID: identity.keyID,
          key: key,
          lasts: .init()
        )
        let request = try service.signed(
          "POST",
          SyncRoutes.key(site),
          body: asked.encoded(),
          by: identity
        )
        let response = try await service.transport().send(request)
        let reply = try? JSONDecoder().decode(KeyRotationReply.self, from: response.body)
        return (response.status, reply?.keyID)
      }
      #expect(try await rotate(other, site: "HILL", to: next).status == 403)
      let first = try await rotate(old, site: "HILL", to: next)
      #expect(first.status == 200)
      let again = try await rotate(old, site: "HILL", to: next)
      #expect(again.keyID == first.keyID && again.keyID != nil)
      #expect(try await rotate(old, site: "HILL", to: stolen).status == 403)
      for target in [SyncRoutes.sync("HILL"), SyncRoutes.model("HILL")] {
        let caller = Caller(name: "rotated", identity: old, ownSite: nil)
        let method = target == SyncRoutes.model("HILL") ? "GET" : "POST"
        #expect(try await Self.ask(service, caller, method, target) == 403)
        let now = Caller(
          name: "new",
          identity: SigningIdentity(keyID: first.keyID ?? "", privateKey: next),
          ownSite: "HILL"
        )
        #expect(try await Self.ask(service, now, method, target) < 400)
      }
    }
  }

  @Test func `a hundred uses of one code at once enrol one device`() async throws {
    try await RunningService.run { service in
      var generator = SystemRandomNumberGenerator()
      let code = try service.center.addSite(
        "HILL",
        name: "HILL",
        now: Int(time(nil)),
        using: &generator
      )
      let statuses = await withTaskGroup(of: Int?.self) { group in
        for _ in 0..<100 {
          group.addTask {
            let key = Curve25519.Signing.PrivateKey().publicKey.rawRepresentation
            let asked = Enrollment.request(site: "HILL", publicKey: key, code: code)
            return try? await service.transport().send(
              HTTPRequestMessage(
                method: "POST",
                target: SyncRoutes.enroll,
                fields: [HTTPField(name: "content-type", value: SyncRoutes.jsonContentType)],
                body: asked.encoded()
              )
            ).status
          }
        }
        return await group.reduce(into: [Int?]()) { $0.append($1) }
      }
      #expect(statuses.count { $0 == 200 } == 1)
      #expect(statuses.allSatisfy { $0.map([200, 403, 429].contains) ?? false })
      #expect(try service.center.siteSummaries().map(\.devices) == [1])
    }
  }

  /// No signature, a stranger's, each role with a site and without, and a revoked device.
  private static func callers(_ service: RunningService) async throws -> [Caller] {
    var callers = [
      Caller(name: "nobody", identity: nil, ownSite: nil),
      Caller(
        name: "a stranger",
        identity: SigningIdentity(keyID: "HILL/9", privateKey: .init()),
        ownSite: nil
      ),
      Caller(name: "a device", identity: try await service.device(of: "HILL"), ownSite: "HILL"),
      Caller(name: "another", identity: try await service.device(of: "COAST"), ownSite: "COAST"),
    ]
    let revoked = try await service.device(of: "HILL")
    try service.center.revokeDevice(revoked.keyID, of: "HILL", now: Int(time(nil)))
    callers.append(Caller(name: "a revoked device", identity: revoked, ownSite: nil))
    for role in [DeviceRole.siteReplica, .siteAdmin, .statistician, .publisher, .auditor] {
      for site in ["HILL", nil] {
        let isServed = site != nil && [.siteReplica, .siteAdmin].contains(role)
        callers.append(
          Caller(
            name: "\(role.rawValue) of \(site ?? "the centre")",
            identity: try insert(role, site: site, service),
            ownSite: isServed ? site : nil
          )
        )
      }
    }
    return callers
  }

  /// A key of a role, put straight into the centre's store.
  private static func insert(
    _ role: DeviceRole,
    site: String?,
    _ service: RunningService
  ) throws -> SigningIdentity {
    let key = Curve25519.Signing.PrivateKey()
    let keyID = "\(site ?? "center")/\(role.rawValue)"
    try service.center.store.write { store in
      try store.insert(
        DeviceRecord(
          keyID: keyID,
          site: site,
          publicKey: key.publicKey.rawRepresentation,
          role: role,
          isRevoked: false,
          enrolledAt: Int(time(nil))
        )
      )
    }
    return SigningIdentity(keyID: keyID, privateKey: key)
  }

  private static func ask(
    _ service: RunningService,
    _ caller: Caller,
    _ method: String,
    _ target: String
  ) async throws -> Int {
    let body = method == "GET" || method == "DELETE" ? Data() : idle
    var request = HTTPRequestMessage(method: method, target: target, body: body)
    if let identity = caller.identity {
      request = try service.signed(method, target, body: body, by: identity)
    }
    return try await service.transport().send(request).status
  }
}
