// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Center
import CenterService
import CommandSupport
import Foundation
import SyncProtocol

/// The command `lobule-center root …`.
struct RootCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "root",
    abstract: "Change which keys sign roots, models and timestamps. See docs/key-ceremony.md.",
    subcommands: [Show.self, New.self, Publish.self]
  )

  struct Key: Encodable {
    let keyID: String
    let role: String
    let name: String?

    private enum CodingKeys: String, CodingKey {
      case keyID = "keyId"
      case role, name
    }
  }

  struct Listing: Encodable {
    let version: UInt64
    let expires: String
    let keys: [Key]
    let thresholds: [String: Int]
    let signedBy: [String]

    init(_ root: RootListing, signedBy: [String]) {
      version = root.version
      expires = UTCText.text(root.expires)
      keys = root.keys.map { Key(keyID: $0.keyID, role: $0.role.rawValue, name: $0.name) }
      thresholds = root.thresholds.reduce(into: [:]) { $0[$1.key.rawValue] = $1.value }
      self.signedBy = signedBy
    }
  }

  /// The command `lobule-center root show`.
  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show the root document in force, or one in a file."
    )

    @OptionGroup var options: CenterOptions

    @Argument(help: "A file; the root in force when not given.")
    var file: String?

    func run() async throws {
      let envelope = try file.map { try RootFile.read($0) } ?? options.center().root().envelope
      let root = try RootFile.listing(envelope)
      let listing = Listing(root, signedBy: envelope.signatures.compactMap(\.keyID))
      try options.print(listing) {
        "\(RootText.text(root))Expires \(listing.expires). Signed by:\n"
          + listing.signedBy.map { "  \($0)\n" }.joined()
      }
    }
  }

  /// The command `lobule-center root new`.
  struct New: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Draft the next root document: keys added, keys dropped, nobody has signed."
    )

    @OptionGroup var options: CenterOptions

    @Argument(help: "The file to write.")
    var file: String

    @Option(help: "The root before, in a file; that of the centre when not given.")
    var from: String?

    @Option(help: "A public key file that may sign roots.")
    var root: [String] = []

    @Option(help: "A public key file that may sign models.")
    var model: [String] = []

    @Option(help: "A public key file that may sign timestamps.")
    var timestamp: [String] = []

    @Option(help: "A key id to drop, or its first 16 digits.")
    var drop: [String] = []

    @Option(help: "How many root keys must sign, when that changes.")
    var rootThreshold: Int?

    @Option(help: "How many model keys must sign, when that changes.")
    var modelThreshold: Int?

    @Option(help: "Days until it expires.")
    var days = CenterSetUp.rootLifetimeDays

    func run() async throws {
      let before = try from.map { try RootFile.read($0) } ?? options.center().root().envelope
      func halves(_ files: [String]) throws -> [KeyFile.PublicHalf] {
        try files.map { try KeyFile.readPublic($0) }
      }
      var thresholds: [RootKey.Role: Int] = [:]
      thresholds[.root] = rootThreshold
      thresholds[.model] = modelThreshold
      let draft = try RootDraft.make(
        after: try RootFile.listing(before),
        RootDraft.Change(
          added: [
            .root: try halves(root), .model: try halves(model), .timestamp: try halves(timestamp),
          ],
          dropped: drop,
          thresholds: thresholds
        ),
        expires: SystemClock.now() + days * 86_400
      )
      try PrivateFile.write(draft.encoded(), to: file)
      let listing = try RootFile.listing(draft)
      try options.print(Listing(listing, signedBy: [])) {
        "\(RootText.text(listing))Written to \(file). Enough old and enough new root keys sign it "
          + "with `lobule-center sign-file`.\n"
      }
    }
  }

  /// The command `lobule-center root publish`.
  struct Publish: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Put a signed root document in force; hospitals take it when they next fetch."
    )

    @OptionGroup var options: CenterOptions

    @Argument(help: "The signed root document.")
    var file: String

    @Option(
      help: "A new timestamp key, when the root changes it; it takes the place of the old one."
    )
    var timestampKey: String?

    @Option(help: "The released model, signed by the new model keys: `candidate export released`.")
    var model: String?

    struct Result: Encodable {
      let rootVersion: UInt64
    }

    func run() async throws {
      let folder = try options.folder()
      let key = try KeyFile.read(timestampKey ?? folder.timestampKey)
      let signed = try model.map { path in
        guard let signing = SigningFile.decode(try PrivateFile.read(path)) else {
          throw CenterServiceError.unsignable(path: path)
        }
        return signing.envelope
      }
      let root = try options.center().publish(
        root: try RootFile.read(file),
        model: signed,
        timestampKey: key,
        now: SystemClock.now()
      )
      if let timestampKey {
        let bytes = try PrivateFile.read(timestampKey)
        try PrivateFile.write(bytes, to: folder.timestampKey)
      }
      try options.print(Result(rootVersion: root.version)) {
        "Root document \(root.version) is in force."
          + (timestampKey == nil ? "\n" : " Start the service again: it holds the old key.\n")
      }
    }
  }
}

/// Root documents in files.
private enum RootFile {
  static func read(_ path: String) throws -> Envelope {
    guard let envelope = try? Envelope.decode(try PrivateFile.read(path)) else {
      throw CenterServiceError.unsignable(path: path)
    }
    return envelope
  }

  static func listing(_ envelope: Envelope) throws -> RootListing {
    do throws(ModelChannelRefusal) {
      return try RootListing(unverified: envelope)
    } catch { throw CenterServiceError.modelChannel("root: \(error.rawValue)") }
  }
}
