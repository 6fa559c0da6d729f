// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandSupport
import Foundation
import Registry
import RiskModel
import SiteReplica

/// Scores one patient.
struct ScoreCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "score",
    abstract: "Predict one patient's risk, offline.",
    usage: """
      lobule score -   (then type the record number)
      lobule score MRN [--svg FILE]
      lobule score --inputs -   (then type COLUMN=NUMBER,…)
      lobule score --inputs COLUMN=NUMBER,… [--svg FILE]
      """,
    discussion: """
      The signed release of the coordinating centre is used; until one has arrived, the study's \
      first release, which is unsigned and embedded with the program.
      """
  )

  @OptionGroup var options: StoreOptions
  @OptionGroup var vaultOptions: VaultOptions
  @Option(help: "The predictors instead of a patient: COLUMN=NUMBER,…")
  var inputs: String?
  @Option(help: "Draw the nomogram with this patient's points into an SVG file.")
  var svg: String?
  @Argument(help: "The record number, or - for standard input.")
  var mrn: String?

  func run() throws {
    let (score, model, note) = try scored()
    if let svg {
      let drawing = NomogramDrawing.svg(release: model.release, score: score)
      try PrivateFile.write(Data(drawing.utf8), to: svg)
    }
    var warnings = score.warnings
    if let note { warnings.append(note) }
    if !model.isSigned {
      warnings.append(
        "Release \(score.version) is unsigned and embedded with the program: "
          + "sync to receive the centre's signed release."
      )
    }
    if options.json {
      try JSONOutput.print(Answer(score: score, warnings: warnings, signed: model.isSigned))
    } else {
      StandardStream.writeOutput(text(score, warnings))
    }
  }

  private func scored() throws -> (Score, ActiveModel, String?) {
    if let inputs {
      guard mrn == nil else {
        throw CommandFailure(
          .usage,
          what: "Both a record number and --inputs were given",
          todo: "Give one of them"
        )
      }
      let numbers = try Self.numbers(inputs)
      let model = try modelForInputs()
      return (try SiteStore.score(numbers, with: model), model, nil)
    }
    guard let mrn else {
      throw CommandFailure(
        .usage,
        what: "Nobody was named",
        todo: "Give MRN, -, or --inputs COLUMN=NUMBER,…"
      )
    }
    let words = try PatientWords([mrn])
    let store = try options.openStore()
    let vault = try vaultOptions.openVault(of: store)
    let patient = try store.patient(mrn: words.mrn, vault: vault)
    let model = try store.activeModel()
    let score = try store.score(patient, with: model)
    let note =
      try store.hasConflict(patient)
      ? "A value of this patient is in conflict: the provisional one was used." : nil
    return (score, model, note)
  }

  /// Typed inputs need no store: without one the embedded release answers.
  private func modelForInputs() throws -> ActiveModel {
    let environment = ProcessInfo.processInfo.environment
    if options.store == nil, (environment["LOBULE_STORE"] ?? "").isEmpty {
      return try SiteStore.embeddedModel(Study.embedded())
    }
    return try options.openStore().activeModel()
  }

  private static func numbers(_ text: String) throws(CommandFailure) -> [String: Double] {
    let typed = text == "-" ? try WordSource.resolve(["-"]).joined(separator: ",") : text
    var numbers: [String: Double] = [:]
    for part in typed.split(whereSeparator: { $0 == "," || $0.isWhitespace }) {
      guard let assignment = Assignment(String(part)), let number = Double(assignment.text),
        number.isFinite, numbers.updateValue(number, forKey: assignment.field) == nil
      else {
        throw CommandFailure(
          .usage,
          what: "An input is not COLUMN=NUMBER, or stands twice",
          to: "--inputs",
          todo: "Write COLUMN=NUMBER,COLUMN=NUMBER,… with decimal points"
        )
      }
    }
    return numbers
  }

  private struct Answer: Encodable {
    let score: Score
    let warnings: [String]
    let signed: Bool

    private enum CodingKeys: String, CodingKey { case warnings, signed }

    func encode(to encoder: any Encoder) throws {
      try score.encode(to: encoder)
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(warnings, forKey: .warnings)
      try container.encode(signed, forKey: .signed)
    }
  }

  private func text(_ score: Score, _ warnings: [String]) -> String {
    func percent(_ value: Double) -> String {
      let tenths = Int((value * 1000).rounded())
      return "\(tenths / 10).\(tenths % 10) %"
    }
    var table = TextTable(["predictor", "value", "unit", "points"])
    for part in score.contributions {
      table.add([
        part.label, ValueText.text((part.value * 1e4).rounded() / 1e4),
        part.unit == "1" ? "" : part.unit, ValueText.text((part.points * 10).rounded() / 10),
      ])
    }
    let risk = percent(score.probability)
    let interval = "\(percent(score.probabilityLow)) to \(percent(score.probabilityHigh))"
    return """
      Predicted risk \(risk) (95 % interval \(interval)), \(score.riskGroup) risk group
      \(score.outcome.statement)
      \(score.outcome.caution)

      \(table.text)
      Total points \(ValueText.text((score.points * 10).rounded() / 10)), \
      model \(score.modelID) release \(score.version)

      """ + warnings.map { "- \($0)\n" }.joined()
  }
}
