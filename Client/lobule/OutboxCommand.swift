// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandSupport
import Foundation
import Replication
import SiteReplica
import SyncProtocol

/// Shows what would leave.
struct OutboxCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "outbox",
    abstract: "Show exactly what the next sync would send; seals and sends nothing.",
    discussion: """
      Saved changes become batches when a sync starts. A sealed batch leaves byte for byte as shown \
      with --bytes; its meaning is what those bytes decode to.
      """
  )

  @OptionGroup var options: StoreOptions
  @Flag(help: "Show the bytes of sealed batches and of encoded pending changes as hexadecimal.")
  var bytes = false

  private struct Answer: Encodable {
    let unsent: Int
    let sealed: [Sealed]
    let pending: [Change]

    struct Sealed: Encodable {
      let replica: String
      let firstSequence, lastSequence: UInt64
      let size: Int
      let dictionary: String
      let hex: String?
      let changesets: [Change]
    }

    struct Change: Encodable {
      let sequence, lamport: UInt64
      let reason, patient: String
      let size: Int
      let hex: String?
      let writes: [Write]
    }

    struct Write: Encodable {
      let event, reader, field, value: String
    }
  }

  func run() throws {
    let outbox = try options.openStore().outbox()
    let answer = Answer(
      unsent: outbox.pending.count + outbox.sealed.reduce(0) { $0 + $1.batch.changesets.count },
      sealed: try outbox.sealed.map { entry in
        Answer.Sealed(
          replica: entry.replica.description,
          firstSequence: entry.sequences.lowerBound,
          lastSequence: entry.sequences.upperBound,
          size: entry.bytes.count,
          dictionary: entry.batch.dictionaryVersion,
          hex: bytes ? hex(entry.bytes) : nil,
          changesets: try entry.batch.changesets.map { try change($0, isSealed: true) }
        )
      },
      pending: try outbox.pending.map { try change($0, isSealed: false) }
    )
    if options.json {
      try JSONOutput.print(answer)
    } else {
      printText(answer)
    }
  }

  private func change(_ changeset: Changeset, isSealed: Bool) throws -> Answer.Change {
    let encoded = try ChangesetCodec.encode(changeset)
    return Answer.Change(
      sequence: changeset.dot.sequence,
      lamport: changeset.lamport,
      reason: changeset.reason,
      patient: changeset.writes.first?.address.row.patient.description ?? "",
      size: encoded.count,
      hex: bytes && !isSealed ? hex(encoded) : nil,
      writes: changeset.writes.map {
        Answer.Write(
          event: $0.address.row.event,
          reader: $0.address.row.reader,
          field: $0.address.field,
          value: ValueText.plain($0.value)
        )
      }
    )
  }

  private func printText(_ answer: Answer) {
    for batch in answer.sealed {
      StandardStream.writeOutput(
        "Sealed batch of replica \(batch.replica), changes \(batch.firstSequence) to "
          + "\(batch.lastSequence): \(batch.size) bytes, dictionary \(batch.dictionary)\n"
      )
      if let hex = batch.hex { StandardStream.writeOutput(hex + "\n") }
      batch.changesets.forEach(printChange)
    }
    if !answer.pending.isEmpty {
      StandardStream.writeOutput("Saved and not yet sealed:\n")
      answer.pending.forEach(printChange)
    }
    StandardStream.writeOutput(
      answer.unsent == 0
        ? "Nothing waits to be sent.\n" : "\(answer.unsent) changes not yet sent.\n"
    )
  }

  private func printChange(_ change: Answer.Change) {
    StandardStream.writeOutput(
      "  \(change.sequence)  \(change.reason)  patient \(change.patient)\n"
    )
    if let hex = change.hex { StandardStream.writeOutput("  \(hex)\n") }
    var table = TextTable(["     event", "reader", "field", "value"])
    for write in change.writes {
      table.add(["     " + write.event, write.reader, write.field, write.value])
    }
    StandardStream.writeOutput(table.text)
  }

  private func hex(_ bytes: Data) -> String {
    bytes.map { byte in
      String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
    }.joined()
  }
}
