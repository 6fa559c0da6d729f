// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Center
import CenterService
import CommandSupport
import Crypto
import Foundation
import SyncProtocol

/// The command `lobule-center audit …`.
struct AuditCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "audit",
    abstract: "Read and check the log of what happened here.",
    subcommands: [List.self, Verify.self, Export.self, AuditBreakCommand.self]
  )

  /// The command `lobule-center audit list`.
  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List entries, oldest first.")

    @OptionGroup var options: CenterOptions

    @Option(help: "The first entry's number.")
    var from = 1

    @Option(help: "How many entries, 10,000 at most.")
    var limit = 1_000

    struct Entry: Encodable {
      let sequence: Int
      let at: String
      let actor: String
      let action: String
      let entity: String
      let details: [String: String]
    }

    struct Result: Encodable {
      let entries: [Entry]
    }

    func run() async throws {
      let entries = try options.center()
        .auditEntries(from: from, limit: min(max(limit, 0), 10_000))
        .map(Self.entry)
      try options.print(Result(entries: entries)) {
        var table = TextTable(["entry", "when", "who", "what", "to what", "details"])
        for entry in entries {
          let details = entry.details.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
          table.add([
            "\(entry.sequence)", entry.at, entry.actor, entry.action, entry.entity,
            details.joined(separator: " "),
          ])
        }
        return table.text
      }
    }

    private static func entry(_ entry: AuditEntry) -> Entry {
      let parsed = try? JSONSerialization.jsonObject(with: Data(entry.canonical.utf8))
      var members = parsed as? [String: Any] ?? [:]
      let at = members.removeValue(forKey: "at") as? Int ?? 0
      members["seq"] = nil
      var texts = members.compactMapValues { $0 as? String }
      return Entry(
        sequence: entry.sequence,
        at: UTCText.text(at),
        actor: texts.removeValue(forKey: "actor") ?? "",
        action: texts.removeValue(forKey: "action") ?? "",
        entity: texts.removeValue(forKey: "entity") ?? "",
        details: texts
      )
    }
  }

  /// The command `lobule-center audit verify`.
  struct Verify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Check that no entry was changed, removed or put in between.",
      discussion: """
        The hash tree over the log is made anew from its entries. Somebody who rewrote both can be \
        found only by what others saw: give --against a checkpoint that a site kept, as \
        `lobule audit checkpoints` prints it.
        """
    )

    @OptionGroup var options: CenterOptions

    @Option(help: "A file with a checkpoint that a site kept.")
    var against: String?

    struct Result: Encodable {
      let entries: UInt64
      let root: String
      let intact: Bool
      let continues: UInt64?
    }

    func run() async throws {
      let center = try options.center()
      let checkpoint = try center.verifyAudit()
      let seen = try against.map { try Self.checkpoint(in: $0, of: center) }
      if let seen { try center.verifyAudit(continues: seen) }
      let result = Result(
        entries: checkpoint.size,
        root: checkpoint.root.base64EncodedString(),
        intact: true,
        continues: seen?.size
      )
      try options.print(result) {
        "The audit log is whole: \(result.entries) entries, root \(result.root)\n"
          + (seen.map { "It continues the log of \($0.size) entries that the site saw.\n" } ?? "")
      }
    }

    private static func checkpoint(in path: String, of center: Center) throws -> AuditCheckpoint {
      let key = try Curve25519.Signing.PublicKey(
        rawRepresentation: try center.identity().publicKey
      )
      let text = String(decoding: try PrivateFile.read(path, limitBytes: 1 << 16), as: UTF8.self)
      do throws(AuditLogRefusal) {
        return try AuditCheckpoint(note: text, signedBy: key)
      } catch {
        throw CommandFailure(
          .refused,
          what: "This is no checkpoint that this centre signed",
          to: path,
          todo: "Give a file that `lobule audit checkpoints --last` wrote"
        )
      }
    }
  }

  /// The command `lobule-center audit export`.
  struct Export: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Write the whole log with its signed checkpoint to a new folder, for an inspector.",
      discussion: """
        entries.jsonl has one entry a line, exactly as hashed: leaf N of an RFC 6962 tree is line N \
        without its line feed. checkpoint.txt has the root of that tree, signed; verifier-key.txt \
        the key, in the forms of C2SP. Nothing of ours is needed to check them.
        """
    )

    @OptionGroup var options: CenterOptions

    @Argument(help: "The folder to make.")
    var directory: String

    struct Result: Encodable {
      let folder: String
      let entries: UInt64
    }

    func run() async throws {
      let folder = try options.folder()
      let center = try Center.open(folder)
      let key = try KeyFile.read(folder.serviceKey)
      let checkpoint = try center.verifyAudit()
      var lines = ""
      for first in stride(from: 1, through: Int(checkpoint.size), by: 1_000) {
        let limit = min(1_000, Int(checkpoint.size) - first + 1)
        for entry in try center.auditEntries(from: first, limit: limit) {
          lines += entry.canonical + "\n"
        }
      }
      let origin = AuditCheckpoint.origin(key.publicKey)
      let files = [
        "entries.jsonl": lines,
        "checkpoint.txt": try checkpoint.note(signedBy: key),
        "verifier-key.txt": SignedNote.verifierKey(name: origin, key: key.publicKey) + "\n",
      ]
      try PrivateFile.makeFolder(directory)
      for (name, text) in files {
        try PrivateFile.write(Data(text.utf8), to: "\(directory)/\(name)")
      }
      try options.print(Result(folder: directory, entries: checkpoint.size)) {
        "\(checkpoint.size) entries and the signed checkpoint are in \(directory)\n"
      }
    }
  }
}
