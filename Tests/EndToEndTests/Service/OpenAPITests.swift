// SPDX-License-Identifier: Apache-2.0

import Center
import Crypto
import CurlTransport
import Foundation
import Replication
import SyncProtocol
import Testing

@testable import CenterService

/// The published document and the service say the same; `make test-openapi` tries it at length.
@Suite struct OpenAPITests {
  private struct Document: Decodable {
    struct Response: Decodable {
      let reference: String?
      let codes: [String]?

      enum CodingKeys: String, CodingKey {
        case reference = "$ref"
        case codes = "x-codes"
      }
    }

    struct Operation: Decodable { let responses: [String: Response] }

    struct Path: Decodable {
      let get, post, put, delete, patch: Operation?

      var operations: [(method: String, operation: Operation)] {
        [("GET", get), ("POST", post), ("PUT", put), ("DELETE", delete), ("PATCH", patch)]
          .compactMap { method, operation in operation.map { (method, $0) } }
      }
    }

    struct Components: Decodable { let responses: [String: Response] }

    let paths: [String: Path]
    let components: Components

    static func read() throws -> Document {
      let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appending(
          path: "docs/openapi.json"
        )
      return try JSONDecoder().decode(Document.self, from: try Data(contentsOf: file))
    }

    /// `status code` of every refusal that some operation lists.
    var refusals: Set<String> {
      get throws {
        var found: Set<String> = []
        for (method, operation) in paths.values.flatMap(\.operations) {
          for (status, response) in operation.responses where status != "200" {
            let name = try #require(response.reference?.split(separator: "/").last, "\(method)")
            let codes = try #require(components.responses[String(name)]?.codes)
            found.formUnion(codes.map { "\(status) \($0)" })
          }
        }
        return found
      }
    }
  }

  /// Every route of the service with a site put in.
  private static let routes: [ServiceRoute] = [
    .enrol, .sync(site: "HILL"), .model(site: "HILL"), .key(site: "HILL"),
    .auditBreaks(site: "HILL"),
  ]

  private static func path(_ route: ServiceRoute, site: String) -> String {
    switch route {
    case .enrol: SyncRoutes.enroll
    case .sync: SyncRoutes.sync(site)
    case .model: SyncRoutes.model(site)
    case .key: SyncRoutes.key(site)
    case .auditBreaks: SyncRoutes.auditBreaks(site)
    }
  }

  @Test func `every route is documented with its method, and nothing else is`() throws {
    let documented = try Document.read().paths.flatMap { path, item in
      item.operations.map { "\($0.method) \(path)" }
    }
    let served = Self.routes.map { "\($0.method) \(Self.path($0, site: "{site}"))" }
    #expect(documented.sorted() == served.sorted())
    for route in Self.routes {
      #expect(ServiceRoute(path: Self.path(route, site: "HILL")) == route)
    }
  }

  @Test func `every refusal of the service is documented, and no other`() throws {
    let errors: [CenterError] =
      EnrolmentRefusal.allCases.map { .enrolment($0) }
      + RotationRefusal.allCases.map { .rotation($0) } + [
        .revokedSite("HILL"), .unknownSite("HILL"), .channelDocument("model"), .inUse,
        .storage("SQLite 10"), .replayed,
      ]
    let refusals: [ServiceRefusal] =
      SignatureRefusal.allCases.map { ServiceRefusal($0) } + errors.map { ServiceRefusal($0) } + [
        .notFound, .methodNotAllowed, .tooLarge, .targetTooLong, .packed, .malformed,
        .laterVersion(2), .tooMany(1), .unavailable,
      ]
    let made = Set(refusals.map { "\($0.status) \($0.code)" })
    #expect(try Document.read().refusals.symmetricDifference(made) == [])
  }

  /// One request of a route for each status that it documents; 503 needs a broken store.
  private static func requests(
    _ route: ServiceRoute,
    _ service: RunningService,
    by device: SigningIdentity
  ) throws -> [Int: HTTPRequestMessage] {
    let target = path(route, site: "HILL")
    let idle = SyncRequest(vector: .init(), chainHeads: [], stateRoot: Data(count: 32)).encoded()
    let body = route.method == "GET" ? Data() : idle
    func signed(
      _ method: String,
      _ target: String,
      _ body: Data = Data(),
      at authority: String? = nil
    ) throws -> HTTPRequestMessage {
      try service.signed(method, target, body: body, by: device, authority: authority)
    }
    var packed = try signed(route.method, target, body)
    packed.fields.set("content-encoding", to: "gzip")
    var requests = [
      413: HTTPRequestMessage(method: "POST", target: target, body: Data(count: (16 << 20) + 1)),
      414: try signed(route.method, target + "?" + String(repeating: "a", count: 2_000), body),
      415: packed,
    ]
    guard route != .enrol else {
      let wrong = EnrollmentRequest(site: "HILL", publicKey: Data(count: 32), mac: Data(count: 32))
      requests[400] = HTTPRequestMessage(method: "POST", target: target, body: Data([1]))
      requests[403] = HTTPRequestMessage(method: "POST", target: target, body: try wrong.encoded())
      requests[405] = HTTPRequestMessage(method: "GET", target: target)
      return requests
    }
    requests[200] = try signed(route.method, target, body)
    requests[401] = HTTPRequestMessage(method: route.method, target: target, body: body)
    requests[403] = try signed(route.method, path(route, site: "COAST"), body)
    requests[404] = try signed(route.method, path(route, site: "1"))
    requests[405] = try signed("DELETE", target)
    if route.method == "POST" { requests[400] = try signed("POST", target, Data([1])) }
    // A rotation ends the key that signs the other requests: RoleMatrixTests has one.
    if route == .key(site: "HILL") { requests[200] = nil }
    return requests
  }

  @Test(arguments: routes)
  func `each documented status is given where it is documented`(route: ServiceRoute) async throws {
    var limits = ServiceLimits()
    limits.failuresPerMinute = 1_000
    try await RunningService.run(limits: limits) { service in
      let device = try await service.device(of: "HILL")
      for (status, request) in try Self.requests(route, service, by: device) {
        let response = try await service.transport().send(request)
        #expect(response.status == status)
        try service.verify(response, to: request)
      }
    }
  }
}
