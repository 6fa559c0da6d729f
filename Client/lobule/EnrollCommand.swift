// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandSupport
import Foundation
import SiteReplica
import SyncProtocol

/// Enrols this device.
struct EnrollCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "enroll",
    abstract: "Enrol this device at the coordinating centre with a one-time code.",
    discussion: """
      The code itself is never sent: it keys a check over this device's public key, and over the \
      centre's answer. The centre's key and the root of the model channel are pinned here.
      """
  )

  @OptionGroup var options: StoreOptions
  @Option(help: "The centre's address, https://HOST[:PORT].")
  var server: String
  @Option(help: "The one-time code, or - for standard input.")
  var code: String
  @Option(help: "The centre's certificate authority, a PEM file; else the system's authorities.")
  var ca: String?
  @Option(help: "The proxy's address; else what https_proxy says.")
  var proxy: String?

  private struct Answer: Encodable {
    let site, server, center, keyId: String
  }

  func run() async throws {
    let text = code == "-" ? try VaultKeyFile.text("-") : code
    guard let enrollmentCode = try? EnrollmentCode(parsing: text) else {
      throw CommandFailure(
        .usage,
        what: "The enrolment code is not complete",
        to: "--code",
        todo: "Copy it again as the coordinating centre printed it"
      )
    }
    let store = try options.openStore()
    let certificate = try ca.map { try PrivateFile.read($0, limitBytes: 1 << 20) }
    let transport = try CenterRoute.transport(server: server, certificateFile: ca, proxy: proxy)
    let enrollment = try await store.enroll(
      server: server,
      authorityCertificate: certificate,
      code: enrollmentCode,
      transport: transport,
      actor: LocalUser.actor()
    )
    if let certificate {
      try PrivateFile.write(certificate, to: CenterRoute.certificatePath(store.folder))
    }
    if options.json {
      try JSONOutput.print(
        Answer(
          site: store.site,
          server: server,
          center: enrollment.centerName,
          keyId: enrollment.keyID
        )
      )
    } else {
      StandardStream.writeOutput(
        "Site \(store.site) is enrolled at \(enrollment.centerName) (\(server)). "
          + "Next: lobule sync\n"
      )
    }
  }
}
