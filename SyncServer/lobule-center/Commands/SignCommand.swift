// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Center
import CenterService
import CommandSupport

/// The command `lobule-center sign`.
struct SignCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sign",
    abstract: "Sign a candidate with one of the model keys; two of them are needed."
  )

  @OptionGroup var options: CenterOptions
  @OptionGroup var keyOptions: KeyOptions

  @Argument(help: "The candidate.")
  var candidate: String

  @Option(help: "The file of a model key.")
  var key: String

  @Option(name: .customLong("override"), help: "Why to sign without the gate passed.")
  var overrideReason: String?

  struct Result: Encodable {
    let candidate: String
    let version: UInt64
    let signatures: Int
    let overrideReason: String?
  }

  func run() async throws {
    let signed = try options.center().sign(
      candidate,
      key: try KeyFile.read(key, passphrase: try keyOptions.passphrase()),
      overrideReason: overrideReason,
      now: SystemClock.now()
    )
    let result = Result(
      candidate: candidate,
      version: signed.candidate.version,
      signatures: signed.signatures,
      overrideReason: signed.candidate.overrideReason
    )
    try options.print(result) {
      "\(candidate) (version \(result.version)) has \(result.signatures) signatures.\n"
    }
  }
}

/// The command `lobule-center release`.
struct ReleaseCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "release",
    abstract: "Publish a signed candidate: hospitals take it at their next sync."
  )

  @OptionGroup var options: CenterOptions

  @Argument(help: "The candidate.")
  var candidate: String

  struct Result: Encodable {
    let candidate: String
    let model: String
    let modelVersion: UInt64
  }

  func run() async throws {
    let folder = try options.folder()
    let released = try options.center().release(
      candidate,
      timestampKey: try KeyFile.read(folder.timestampKey),
      now: SystemClock.now()
    )
    let result = Result(
      candidate: candidate,
      model: released.modelID,
      modelVersion: released.version
    )
    try options.print(result) {
      "\(result.model) version \(result.modelVersion) is released.\n"
    }
  }
}
