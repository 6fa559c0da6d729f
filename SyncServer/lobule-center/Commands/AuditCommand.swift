// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Center
import CommandSupport
import Foundation

/// The command `lobule-center audit …`.
struct AuditCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "audit",
    abstract: "Read and check the log of what happened here.",
    subcommands: [List.self, Verify.self]
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
      let hash: String
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
        details: texts,
        hash: entry.hash.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
      )
    }
  }

  /// The command `lobule-center audit verify`.
  struct Verify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Check that no entry was changed, removed or put in between."
    )

    @OptionGroup var options: CenterOptions

    struct Result: Encodable {
      let entries: Int
      let hash: String
      let intact: Bool
    }

    func run() async throws {
      let last = try options.center().verifyAudit()
      let result = Result(
        entries: last?.sequence ?? 0,
        hash: (last?.hash ?? Data())
          .map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined(),
        intact: true
      )
      try options.print(result) {
        "The audit log is whole: \(result.entries) entries, last hash \(result.hash)\n"
      }
    }
  }
}
