// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CenterService
import CommandSupport
import Foundation

/// The command `lobule-center sign-file`, which needs no centre.
struct SignFileCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sign-file",
    abstract: "Sign a candidate, a root document or a plan in a file, away from the centre."
  )

  @Flag(help: "Print one JSON document and nothing else.")
  var json = false

  @OptionGroup var keyOptions: KeyOptions

  @Argument(help: "The file; the signature is added to it.")
  var file: String

  @Option(help: "The file of the signer's key.")
  var key: String

  @Option(name: .customLong("override"), help: "Why to sign without the gate passed.")
  var overrideReason: String?

  struct Result: Encodable {
    let file: String
    let signed: String
    let keyID: String
    let signatures: Int

    private enum CodingKeys: String, CodingKey {
      case file, signed
      case keyID = "keyId"
      case signatures
    }
  }

  func run() async throws {
    let signing = try OfflineSigning.sign(
      try PrivateFile.read(file),
      by: try KeyFile.read(key, passphrase: try keyOptions.passphrase()),
      reason: overrideReason,
      path: file
    )
    try PrivateFile.write(signing.bytes, to: file)
    let result = Result(
      file: file,
      signed: signing.description,
      keyID: signing.keyID,
      signatures: signing.signatures
    )
    if json {
      try JSONOutput.print(result)
    } else {
      StandardStream.writeOutput(
        "Signed by \(result.keyID), signature \(result.signatures):\n\(result.signed)\n"
      )
    }
  }
}
