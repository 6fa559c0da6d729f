// SPDX-License-Identifier: Apache-2.0

public import Center
import Crypto
import Dispatch
import Foundation
import Hummingbird
import HummingbirdCore
import HummingbirdTLS
public import Logging
import NIOCore
import NIOSSL
import ServiceLifecycle
import SyncProtocol
import UnixSignals

/// The coordinating centre's service: HTTPS over HTTP/1.1 until it is told to stop.
///
/// HTTP/2 is not offered: its reset limits end long-lived connections of busy sites, and stopping
/// loses the answer in flight.
public struct CenterServer: Sendable {
  private let center: Center
  private let folder: CenterFolder
  private let limits: ServiceLimits
  private let logger: Logger
  private let clock: @Sendable () -> Int
  /// Who tells senders; nil for signatures, as always but in a benchmark.
  private let gate: (any RequestGate)?

  /// Prepares the service of a folder that was set up.
  ///
  /// - Parameters:
  ///   - folder: The centre's folder.
  ///   - limits: The bounds of the service.
  ///   - logger: Where it logs; no patient value is ever logged.
  ///   - clock: Seconds since 1970.
  /// - Throws: `CenterServiceError.notInitialised` when the folder holds no centre,
  ///   `.revocationsOpen` when it was restored and nobody has said who was revoked since.
  public init(
    folder: CenterFolder,
    limits: ServiceLimits = ServiceLimits(),
    logger: Logger,
    clock: @escaping @Sendable () -> Int
  ) throws(CenterServiceError) {
    try self.init(folder: folder, limits: limits, logger: logger, gate: nil, clock: clock)
  }

  /// Prepares the service with another gate: a benchmark's way to tell what signatures cost.
  package init(
    folder: CenterFolder,
    limits: ServiceLimits,
    logger: Logger,
    gate: (any RequestGate)?,
    clock: @escaping @Sendable () -> Int
  ) throws(CenterServiceError) {
    center = try Center.open(folder)
    try center.requireRevocations()
    do throws(CenterError) {
      try center.applyKept(now: clock())
    } catch { throw .center(error) }
    self.folder = folder
    self.limits = limits
    self.logger = logger
    self.clock = clock
    self.gate = gate
  }

  /// Serves until the process gets SIGTERM or SIGINT, or the task is cancelled.
  ///
  /// Requests in progress are answered first.
  ///
  /// - Parameters:
  ///   - host: The name or address to listen on.
  ///   - port: The port; 0 takes a free one.
  ///   - handlesSignals: Whether SIGTERM and SIGINT stop the service.
  ///   - onListening: Called with the real port once connections are accepted.
  /// - Throws: `CenterServiceError.listen` when the address cannot be listened on.
  public func run(
    host: String,
    port: Int,
    handlesSignals: Bool = true,
    onListening: @escaping @Sendable (_ port: Int) -> Void
  ) async throws(CenterServiceError) {
    let application = try application(host: host, port: port, onListening: onListening)
    let renewal = TimestampRenewal(
      center: center,
      key: try KeyFile.read(folder.timestampKey),
      clock: clock,
      logger: logger
    )
    var configuration = ServiceGroupConfiguration(
      services: [.init(service: application), .init(service: renewal)],
      gracefulShutdownSignals: handlesSignals ? [.sigterm, .sigint] : [],
      logger: logger
    )
    configuration.maximumGracefulShutdownDuration = .seconds(limits.shutdownSeconds)
    do {
      try await ServiceGroup(configuration: configuration).run()
    } catch is CancellationError {
      return
    } catch {
      throw .listen(address: "\(host):\(port)", reason: "\(error)")
    }
  }

  private func application(
    host: String,
    port: Int,
    onListening: @escaping @Sendable (_ port: Int) -> Void
  ) throws(CenterServiceError) -> some ApplicationProtocol {
    let handler = try makeHandler()
    let channel = HTTP1Channel.Configuration(
      idleTimeout: .seconds(Int64(limits.idleSeconds)),
      httpDecoderConfiguration: .init(
        maxHeaderFieldSize: limits.headerFieldBytes,
        maxHeaderListSize: limits.headerBytes,
        maxHeaderFieldCount: limits.headerFields
      )
    )
    let server: HTTPServerBuilder
    do {
      server = try .tls(.http1(configuration: channel), tlsConfiguration: try tlsConfiguration())
    } catch let error as CenterServiceError {
      throw error
    } catch { throw .certificate("\(error)") }
    return Application(
      responder: ServiceResponder(
        handler: handler,
        limits: limits,
        queue: DispatchQueue(label: "lobule.center.store", attributes: .concurrent)
      ),
      server: server,
      configuration: ApplicationConfiguration(
        address: .hostname(host, port: port),
        availableConnectionsDelegate: .maximum(limits.connections, logger: logger)
      ),
      onServerRunning: { channel in onListening(channel.localAddress?.port ?? port) },
      logger: logger
    )
  }

  private func makeHandler() throws(CenterServiceError) -> ServiceHandler {
    let identity: CenterIdentity
    let noncesKnownFrom: Int
    do throws(CenterError) {
      identity = try center.identity()
      noncesKnownFrom = try center.noncesKnownFrom()
    } catch { throw .center(error) }
    let start = ContinuousClock.now
    return ServiceHandler(
      center: center,
      identity: SigningIdentity(
        keyID: identity.keyID,
        privateKey: try KeyFile.read(folder.serviceKey)
      ),
      authorities: ServiceAuthorities(hosts: identity.hosts),
      noncesKnownFrom: noncesKnownFrom,
      rates: RequestRates(limits) { (ContinuousClock.now - start) / .seconds(1) },
      gate: gate,
      clock: clock
    )
  }

  private func tlsConfiguration() throws(CenterServiceError) -> TLSConfiguration {
    do {
      let certificates = try NIOSSLCertificate.fromPEMFile(folder.serverCertificate)
      let key = try NIOSSLPrivateKey(file: folder.serverKey, format: .pem)
      var configuration = TLSConfiguration.makeServerConfiguration(
        certificateChain: certificates.map { .certificate($0) },
        privateKey: .privateKey(key)
      )
      configuration.minimumTLSVersion = .tlsv12
      configuration.applicationProtocols = ["http/1.1"]
      return configuration
    } catch { throw .certificate("\(error)") }
  }
}

extension Center {
  /// Opens the centre of a folder that was set up.
  ///
  /// - Throws: `CenterServiceError.notInitialised` when the folder holds none.
  public static func open(_ folder: CenterFolder) throws(CenterServiceError) -> Center {
    guard FileManager.default.fileExists(atPath: folder.store) else {
      throw .notInitialised(path: folder.path)
    }
    do throws(CenterError) {
      let center = Center(store: try SQLiteCenterStore.open(path: folder.store))
      _ = try center.identity()
      return center
    } catch {
      throw error == .notInitialised ? .notInitialised(path: folder.path) : .center(error)
    }
  }
}
