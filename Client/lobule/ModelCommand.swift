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

    struct Term: Encodable {
      let term: String
      let estimate: Double
    }
  }

  func run() throws {
    let model = try options.openStore().activeModel()
    let release = model.release
    let terms = zip(release.termNames, release.coefficients).map {
      Answer.Term(term: $0.0, estimate: $0.1)
    }
    if options.json {
      try JSONOutput.print(
        Answer(
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
          coefficients: terms
        )
      )
      return
    }
    var table = TextTable(["term", "coefficient"])
    table.add(["intercept", ValueText.text(release.intercept)])
    for term in terms { table.add([term.term, ValueText.text(term.estimate)]) }
    let origin =
      model.isSigned
      ? "signed by the coordinating centre"
      : "unsigned, embedded with the program; used until a signed release arrives"
    StandardStream.writeOutput(
      """
      \(release.name), release \(release.version) (\(release.status))
      \(origin)
      \(release.outcome.statement)
      \(release.statement)
      Cut-off \(ValueText.text(release.cutoff))
      \(table.text)
      """
    )
  }
}
