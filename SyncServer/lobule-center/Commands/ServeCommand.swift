// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CenterService
import CommandSupport
import Foundation
import Logging

/// The command `lobule-center serve`.
struct ServeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve",
    abstract: "Serve hospitals over HTTPS until SIGTERM or SIGINT."
  )

  @OptionGroup var options: CenterOptions

  @Option(help: "The address to listen on; port 0 takes a free one.")
  var listen = "127.0.0.1:8443"

  @Option(help: "Requests a minute of one device, before it is asked to wait.")
  var requestsPerMinute = ServiceLimits().requestsPerMinute
  @Option(help: "Refused requests a minute from one address, before it is asked to wait.")
  var failuresPerMinute = ServiceLimits().failuresPerMinute
  @Option(help: "Failed enrolments a minute from one address, before it is asked to wait.")
  var enrolmentsPerMinute = ServiceLimits().enrolmentsPerMinute

  struct Result: Encodable {
    let address: String
    let url: String
    let ca: String
  }

  func run() async throws {
    let folder = try options.folder()
    guard let (host, port) = ListenAddress.split(listen) else {
      throw CommandFailure(
        .usage,
        what: "This is no address to listen on",
        to: listen,
        todo: "Give HOST:PORT"
      )
    }
    LoggingSystem.bootstrap { StreamLogHandler.standardError(label: $0) }
    OpenFileLimit.raise(to: 4_096)
    let server = try CenterServer(
      folder: folder,
      limits: try limits(),
      logger: Logger(label: "lobule-center"),
      clock: { SystemClock.now() }
    )
    let isJSON = options.json
    try await server.run(host: host, port: port) { port in
      let address = ListenAddress.text(host: host, port: port)
      let result = Result(
        address: address,
        url: "https://\(address)",
        ca: folder.authorityCertificate
      )
      // Written whole and at once: whoever started this waits for the line.
      let json = (try? JSONOutput.encode(result)).map { String(decoding: $0, as: UTF8.self) }
      StandardStream.writeOutput(
        isJSON
          ? "\(json ?? "{}")\n"
          : "Listening on \(result.url)\nCertificate for hospitals: \(result.ca)\n"
      )
    }
  }

  private func limits() throws(CommandFailure) -> ServiceLimits {
    var limits = ServiceLimits()
    for (name, count) in [
      ("--requests-per-minute", requestsPerMinute), ("--failures-per-minute", failuresPerMinute),
      ("--enrolments-per-minute", enrolmentsPerMinute),
    ] where count < 1 {
      throw CommandFailure(
        .usage,
        what: "Nobody could reach a centre that takes no request",
        to: name,
        todo: "Give 1 or more"
      )
    }
    limits.requestsPerMinute = requestsPerMinute
    limits.failuresPerMinute = failuresPerMinute
    limits.enrolmentsPerMinute = enrolmentsPerMinute
    return limits
  }
}
