// SPDX-License-Identifier: Apache-2.0

import CommandSupport
import Registry
import Replication
import SiteReplica

/// The word of `--shown`.
enum ShownOption {
  static func read(_ text: String?) throws(CommandFailure) -> ShownHeads? {
    guard let text else { return nil }
    guard let shown = ShownHeads(text) else {
      throw CommandFailure(
        .usage,
        what: "The word of --shown is not one that lobule prints",
        todo: "Copy it from lobule show or lobule conflicts"
      )
    }
    return shown
  }
}

/// Shows values that changed between being looked at and being written, before the refusal.
///
/// They go to standard output: messages of failure hold no patient's value.
struct ChangedValues {
  let options: StoreOptions
  let store: SiteStore
  let vault: Vault

  private struct Answer: Encodable {
    let changed: [Entry]

    struct Entry: Encodable {
      let event, reader, field: String
      let shown, present: [String]
      let origins: [String]
      let entered: String?
    }
  }

  func show(
    of mrn: String,
    fields: [String],
    since shown: ShownHeads?,
    entered: [Assignment]
  ) throws {
    guard let shown else { return }
    let changed = try store.changes(of: mrn, fields: fields, since: shown, vault: vault)
    let entries = changed.map { value in
      let column = store.study.dictionary.column(
        value.address.field,
        event: value.address.row.event
      )
      return Answer.Entry(
        event: value.address.row.event,
        reader: value.address.row.reader,
        field: value.address.field,
        shown: value.shown,
        present: value.present.map(\.text),
        origins: value.present.map { $0.isOwn ? "this device" : $0.origin },
        entered: entered.first { [value.address.field, column].contains($0.field) }?.text
      )
    }
    if options.json {
      try JSONOutput.print(Answer(changed: entries))
      return
    }
    var table = TextTable(["event", "field", "was shown", "stands now", "from", "not saved"])
    for entry in entries {
      table.add([
        entry.event, entry.field, entry.shown.joined(separator: " | "),
        entry.present.joined(separator: " | "), entry.origins.joined(separator: " | "),
        entry.entered ?? "",
      ])
    }
    StandardStream.writeOutput(table.text)
  }
}
