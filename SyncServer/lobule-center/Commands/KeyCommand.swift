// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CenterService
import CommandSupport
import Crypto
import Foundation

/// What opens a key file that is under a passphrase.
struct KeyOptions: ParsableArguments {
  @Option(help: "A file whose first line is the key's passphrase, or - for standard input.")
  var passphraseFile: String?

  /// The passphrase; nil when none was named.
  func passphrase() throws(CommandFailure) -> Data? {
    guard let passphraseFile else { return nil }
    let text = String(decoding: try PrivateFile.readOrInput(passphraseFile), as: UTF8.self)
    guard let line = text.split(whereSeparator: \.isNewline).first, !line.isEmpty else {
      throw CommandFailure(
        .refused,
        what: "The passphrase is empty",
        to: passphraseFile,
        todo: "Put it into the first line"
      )
    }
    return Data(line.utf8)
  }
}

/// The command `lobule-center key …`, which needs no centre.
struct KeyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "key",
    abstract: "Make and show signing keys, on a machine without a network.",
    subcommands: [New.self, Show.self]
  )

  struct Result: Encodable {
    let keyID: String
    let publicKey: String
    let name: String
    let files: [String]

    private enum CodingKeys: String, CodingKey {
      case keyID = "keyId"
      case publicKey, name, files
    }

    init(_ half: KeyFile.PublicHalf, files: [String]) {
      keyID = half.keyID
      publicKey = half.key.rawRepresentation.map {
        String($0 >> 4, radix: 16) + String($0 & 15, radix: 16)
      }.joined()
      name = half.name
      self.files = files
    }

    /// The key id in groups of four, to be read aloud.
    var text: String {
      let digits = Array(keyID)
      let groups = stride(from: 0, to: digits.count, by: 4).map {
        String(digits[$0..<min($0 + 4, digits.count)])
      }
      return "Key id \(groups.joined(separator: " "))\nPublic half \(publicKey) \(name)\n"
    }
  }

  /// The command `lobule-center key new`.
  struct New: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Make a key: FILE is the private half, FILE.pub the public one."
    )

    @Flag(help: "Print one JSON document and nothing else.")
    var json = false

    @OptionGroup var key: KeyOptions

    @Argument(help: "A file to make.")
    var file: String

    @Option(help: "Whose key it is, for people.")
    var name = ""

    func run() async throws {
      let made = Curve25519.Signing.PrivateKey()
      let half = KeyFile.PublicHalf(key: made.publicKey, name: String(name.prefix(64)))
      try KeyFile.write(made, to: file, passphrase: try key.passphrase())
      try KeyFile.writePublic(half, to: "\(file).pub")
      let result = Result(half, files: [file, "\(file).pub"])
      if json {
        try JSONOutput.print(result)
      } else {
        StandardStream.writeOutput(
          "\(result.text)Carry \(file).pub to the ceremony, never \(file).\n"
        )
      }
    }
  }

  /// The command `lobule-center key show`.
  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show the public half and the key id of a key file."
    )

    @Flag(help: "Print one JSON document and nothing else.")
    var json = false

    @OptionGroup var key: KeyOptions

    @Argument(help: "A private or public key file.")
    var file: String

    func run() async throws {
      let half = try KeyFile.readPublic(file, passphrase: try key.passphrase())
      let result = Result(half, files: [file])
      if json {
        try JSONOutput.print(result)
      } else {
        StandardStream.writeOutput(result.text)
      }
    }
  }
}
