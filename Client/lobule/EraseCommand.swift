// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandSupport
import Registry
import Replication
import SiteReplica

/// Erases a patient by law.
struct EraseCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "erase",
    abstract: "Erase a patient by law: every value, on every device and at the centre, for good.",
    usage: """
      lobule erase - --reason request --yes   (then type the record number)
      lobule erase MRN --reason request|order|unlawful [--yes]
      """,
    discussion: """
      Without --yes it only says what would go. Here everything is gone at once; elsewhere it goes \
      with the next sync. Copies that the program does not know stay: backups, exports, printed \
      pages. Where consent ends for the future alone, use lobule withdraw.
      """
  )

  @OptionGroup var options: StoreOptions
  @OptionGroup var vaultOptions: VaultOptions
  @Option(help: "Why: request (the patient's), order (of an authority or court), unlawful.")
  var reason: String
  @Flag(help: "Do it; it cannot be undone.")
  var yes = false
  @Argument(help: "The record number, or - for standard input.")
  var mrn: String

  private struct Answer: Encodable {
    let registrations: [String]
    let isErased: Bool
    let values: Int?
    let redactedBatches: Int?
    let auditEntries: Int?
    let filesCleaned: Bool?
  }

  func run() throws {
    let words = try PatientWords([mrn])
    let reason = try chosenReason()
    let store = try options.openStore()
    let vault = try vaultOptions.openVault(of: store)
    guard yes else { return try preview(words.mrn, store, vault) }
    let report = try store.erase(
      mrn: words.mrn,
      reason: reason,
      vault: vault,
      actor: LocalUser.actor()
    )
    let answer = Answer(
      registrations: report.registrations.map(\.description),
      isErased: true,
      values: nil,
      redactedBatches: report.redactedBatches,
      auditEntries: report.auditEntries,
      filesCleaned: report.isFinished
    )
    guard !options.json else { return try JSONOutput.print(answer) }
    StandardStream.writeOutput(
      """
      The patient is erased on this device: \(report.redactedBatches) sealed batches and \
      \(report.auditEntries) audit entries have nothing of it any more. Run lobule sync: the centre \
      and the other devices erase it then. Backups made before still have it.\n
      """
        + (report.isFinished
          ? "" : "The files are in use and will be cleaned by the next sync.\n")
    )
  }

  private func preview(_ mrn: String, _ store: SiteStore, _ vault: Vault) throws {
    let preview = try store.previewErasure(mrn: mrn, vault: vault)
    if options.json {
      try JSONOutput.print(
        Answer(
          registrations: preview.registrations.map(\.description),
          isErased: false,
          values: preview.values,
          redactedBatches: nil,
          auditEntries: nil,
          filesCleaned: nil
        )
      )
    }
    throw CommandFailure(
      .usage,
      what: "Nothing was erased: \(preview.values) values of "
        + "\(preview.registrations.count) registrations would be, for good",
      todo: "Check that it is the right patient, then add --yes"
    )
  }

  private func chosenReason() throws(CommandFailure) -> ChangeReason {
    switch reason {
    case "request": return .erasureRequest
    case "order": return .erasureOrder
    case "unlawful": return .erasureUnlawful
    default:
      throw CommandFailure(
        .usage,
        what: "This is no reason to erase a patient",
        todo: "Use request, order or unlawful"
      )
    }
  }
}
