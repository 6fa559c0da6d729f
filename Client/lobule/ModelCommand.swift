// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandSupport
import Registry
import RiskModel
import SiteReplica

/// Shows the model in use.
struct ModelCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "model",
    abstract: "Show the model release in use and where it comes from."
  )

  @OptionGroup var options: StoreOptions

  private struct Answer: Encodable {
    let model, name, status, statement, outcome: String
    let version: UInt64
    let signed, externallyValidated: Bool
    let intercept, cutoff: Double
    let coefficients: [Term]
    let card: ModelCard
    let signers: [Signer]
    let rootVersion: UInt64?
    let timestampVersion: UInt64?
    let timestampExpires: String?
    let timestampFresh: Bool
    let history: [Entry]

    struct Signer: Encodable {
      let keyId: String
      let name: String?
    }

    struct Entry: Encodable {
      let version: UInt64
      let name, status, activatedAt: String
      let signers: [Signer]
    }

    struct Term: Encodable {
      let term: String
      let estimate: Double
    }
  }

  func run() throws {
    let store = try options.openStore()
    let model = try store.activeModel()
    let release = model.release
    let freshness = try store.channelFreshness()
    let history = try store.modelHistory().map { entry in
      Answer.Entry(
        version: entry.release.version,
        name: entry.release.name,
        status: entry.release.status,
        activatedAt: UTCText.text(entry.activatedAt),
        signers: entry.signers.map { Answer.Signer(keyId: $0.keyID, name: $0.name) }
      )
    }
    let terms = zip(release.termNames, release.coefficients).map {
      Answer.Term(term: $0.0, estimate: $0.1)
    }
    let answer = Answer(
      model: release.modelID,
      name: release.name,
      status: release.status,
      statement: release.statement,
      outcome: release.outcome.statement,
      version: release.version,
      signed: model.isSigned,
      externallyValidated: release.isExternallyValidated,
      intercept: release.intercept,
      cutoff: release.cutoff,
      coefficients: terms,
      card: release.card,
      signers: history.first { $0.version == release.version }?.signers ?? [],
      rootVersion: freshness?.rootVersion,
      timestampVersion: freshness?.timestampVersion,
      timestampExpires: freshness?.timestampExpires.map(UTCText.text),
      timestampFresh: (freshness?.timestampExpires ?? 0) > SystemClock.now(),
      history: history
    )
    guard !options.json else { return try JSONOutput.print(answer) }
    StandardStream.writeOutput(Self.text(answer))
  }

  private static func text(_ answer: Answer) -> String {
    var table = TextTable(["term", "coefficient"])
    table.add(["intercept", ValueText.text(answer.intercept)])
    for term in answer.coefficients { table.add([term.term, ValueText.text(term.estimate)]) }
    let origin =
      answer.signed
      ? "signed by the coordinating centre"
      : "unsigned, embedded with the program; used until a signed release arrives"
    return """
      \(answer.name), release \(answer.version) (\(answer.status))
      \(origin)
      \(answer.outcome)
      \(answer.statement)
      Cut-off \(ValueText.text(answer.cutoff))
      \(table.text)
      \(cardText(answer.card))
      \(channelText(answer))
      \(historyText(answer.history))
      """
  }

  private static func cardText(_ card: ModelCard) -> String {
    """
    For: \(card.intendedUse)
    Source: \(card.source)
    Development: \(card.development)
    Provenance: \(card.provenance)
    \(card.limitations.map { "Limit: \($0)" }.joined(separator: "\n"))
    """
  }

  private static func channelText(_ answer: Answer) -> String {
    guard let root = answer.rootVersion else {
      return "This device is not enrolled: no model was signed for it."
    }
    let names = answer.signers.map { "  \($0.keyId.prefix(16)) \($0.name ?? "")\n" }.joined()
    let stamp =
      answer.timestampExpires.map {
        "Timestamp \(answer.timestampVersion ?? 0) is \(answer.timestampFresh ? "fresh" : "stale") "
          + "(until \($0))"
      } ?? "No timestamp yet"
    return "\(stamp), root document \(root).\n" + (names.isEmpty ? "" : "Signed by:\n\(names)")
  }

  private static func historyText(_ history: [Answer.Entry]) -> String {
    var table = TextTable(["release", "activated", "status"])
    for entry in history { table.add([String(entry.version), entry.activatedAt, entry.status]) }
    return history.isEmpty ? "" : table.text
  }
}
