// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandSupport
import SiteReplica

/// Gives this device a new signing key.
struct RotateKeyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rotate-key",
    abstract: "Give this device a new signing key, which the old one introduces to the centre.",
    discussion: """
      What is saved stays saved and valid. A rotation that breaks off is finished by the next \
      sync, or by this command. Make a backup afterwards: a store that is restored from an \
      earlier one has the old key and must be enrolled anew.
      """
  )

  @OptionGroup var options: StoreOptions
  @Option(help: "The proxy's address; else what https_proxy says.")
  var proxy: String?

  private struct Answer: Encodable {
    let keyId: String
    let resumed: Bool
  }

  func run() async throws {
    let store = try options.openStore()
    let transport = try CenterRoute.transport(for: store, proxy: proxy)
    var generator = SystemRandomNumberGenerator()
    let report = try await store.rotateKey(
      transport: transport,
      actor: LocalUser.actor(),
      clock: { SystemClock.now() },
      using: &generator
    )
    guard !options.json else {
      try JSONOutput.print(Answer(keyId: report.keyID, resumed: report.wasResumed))
      return
    }
    StandardStream.writeOutput(
      "This device signs with the new key \(report.keyID)"
        + (report.wasResumed ? ", as a rotation that had broken off began" : "")
        + ". Next: lobule sync, then lobule backup DIR\n"
    )
  }
}
