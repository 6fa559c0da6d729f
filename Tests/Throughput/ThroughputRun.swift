// SPDX-License-Identifier: Apache-2.0

import Center
import CenterService
import Crypto
import CurlTransport
import Foundation
import Logging
import Registry
import SyncProtocol

/// One measurement: a new centre, served over TLS, and devices that send it all they have.
struct ThroughputRun {
  let folder: String
  let devices: Int
  let batchesPerDevice: Int
  let isSigned: Bool

  /// Syncs a second, each with one batch of twenty changesets.
  func syncsPerSecond() async throws -> Double {
    let study = try Study.embedded()
    let centre = CenterFolder(path: "\(folder)/centre-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(atPath: centre.path) }
    _ = try CenterSetUp(folder: centre, study: study, now: Int(time(nil)))
      .run(name: "Throughput", hosts: [])
    let center = try Center.open(centre)
    let loaded = try load(center, study)
    let (port, stop) = try await serve(centre)
    let authority = "127.0.0.1:\(port)"
    let key = try Curve25519.Signing.PublicKey(
      rawRepresentation: try center.identity().publicKey
    )
    // Every connection is open before the clock starts.
    let transports = try await connected(to: authority, trusting: centre.authorityCertificate)
    let start = ContinuousClock.now
    try await withThrowingTaskGroup(of: Void.self) { group in
      for (device, transport) in zip(loaded, transports) {
        group.addTask { [isSigned] in
          try await device.send(
            over: transport,
            to: authority,
            centerKey: isSigned ? key : nil
          )
        }
      }
      try await group.waitForAll()
    }
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    try await stop()
    return Double(loaded.reduce(0) { $0 + $1.batches.count }) / seconds
  }

  private func load(_ center: Center, _ study: Study) throws -> [LoadedDevice] {
    var generator = SystemRandomNumberGenerator()
    return try (0..<devices).map { number in
      let site = "SITE\(number)"
      let now = Int(time(nil))
      let code = try center.addSite(site, name: site, now: now, using: &generator)
      let key = Curve25519.Signing.PrivateKey()
      let asked = Enrollment.request(
        site: site,
        publicKey: key.publicKey.rawRepresentation,
        code: code
      )
      let reply = try center.enrol(asked, authority: "127.0.0.1", now: now)
      return try LoadedDevice(
        site: site,
        number: UInt64(number),
        identity: SigningIdentity(keyID: reply.keyID, privateKey: key),
        count: batchesPerDevice,
        study: study
      )
    }
  }

  private func connected(
    to authority: String,
    trusting file: String
  ) async throws -> [CurlTransport] {
    var transports: [CurlTransport] = []
    for _ in 0..<devices {
      let transport = try CurlTransport(
        CurlOptions(baseURL: "https://\(authority)", certificateAuthorityFile: file)
      )
      _ = try await transport.send(HTTPRequestMessage(method: "GET", target: "/"))
      transports.append(transport)
    }
    return transports
  }

  /// Serves a centre; its port, and what stops it.
  private func serve(_ centre: CenterFolder) async throws -> (Int, () async throws -> Void) {
    var limits = ServiceLimits()
    // Rates are counted and never reached.
    limits.requestsPerMinute = 100_000_000
    limits.failuresPerMinute = 100_000_000
    let server = try CenterServer(
      folder: centre,
      limits: limits,
      logger: Logger(label: "throughput") { _ in SwiftLogNoOpLogHandler() },
      gate: isSigned ? nil : UnsignedGate(),
      clock: { Int(time(nil)) }
    )
    let (ports, continuation) = AsyncStream<Int>.makeStream()
    let serving = Task {
      defer { continuation.finish() }
      try await server.run(host: "127.0.0.1", port: 0, handlesSignals: false) {
        continuation.yield($0)
      }
    }
    var iterator = ports.makeAsyncIterator()
    guard let port = await iterator.next() else {
      try await serving.value
      throw ThroughputFailure(text: "the service did not start")
    }
    return (
      port,
      {
        serving.cancel()
        try await serving.value
      }
    )
  }
}
