// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Center
import CenterService
import CommandSupport
import Registry

/// The command `lobule-center init`.
struct InitCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init",
    abstract: "Set up a coordinating centre: keys, certificates, plan and the first release."
  )

  @OptionGroup var options: CenterOptions

  @Option(help: "The centre's name, for people.")
  var name: String

  @Option(help: "A name or address under which hospitals reach it, with a port or without.")
  var host: [String] = []

  @Option(help: "Where to put the offline keys; the folder `keys` in DATA when not given.")
  var keys: String?

  struct Result: Encodable {
    let name: String
    let data: String
    let ca: String
    let serverFingerprint: String
    let keys: [String]
    let modelVersion: UInt64
  }

  func run() async throws {
    let path = try options.path()
    let folder = CenterFolder(path: path, keysPath: keys)
    let setUp = CenterSetUp(
      folder: folder,
      study: try options.chosenStudy(),
      now: SystemClock.now()
    )
    let outcome = try setUp.run(name: name, hosts: host)
    let files = (1...CenterSetUp.keysPerRole).flatMap {
      [folder.rootKey($0), folder.modelKey($0)]
    }.sorted()
    let result = Result(
      name: outcome.identity.name,
      data: path,
      ca: folder.authorityCertificate,
      serverFingerprint: outcome.identity.serverFingerprint,
      keys: files,
      modelVersion: outcome.modelVersion
    )
    try options.print(result) {
      """
      The coordinating centre "\(result.name)" is set up in \(path).
      Certificate for hospitals: \(result.ca)
      Server fingerprint: \(result.serverFingerprint)
      Model version \(result.modelVersion) is released.
      Offline keys, to be moved to six different places:
      \(files.map { "  \($0)" }.joined(separator: "\n"))
      Next: lobule-center serve, and lobule-center site add CODE --name NAME.

      """
    }
  }
}
