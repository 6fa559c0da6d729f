// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Biostatistics
import CommandSupport

/// The command `lobule-center statistics optimism`.
struct OptimismStatistics: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "optimism",
    abstract: "Bootstrap correction of a model's performance for optimism.",
    discussion: """
      Resamples without a fit, as under separation, are left out and counted. Their rows are those \
      complete in the columns that are used, counted from 1.
      """
  )

  @OptionGroup var formula: FormulaOptions

  @Option(help: "A file with one resample a line: row numbers separated by commas.")
  var indices: String?

  @Option(help: "The number of resamples to draw when no file is given.")
  var resamples = 1_000

  @Option(help: "Chooses the resamples that are drawn.")
  var seed: UInt64 = 1

  @Option(help: "ml or firth.")
  var fit = FitChoice.ml

  func run() async throws {
    let problem = try formula.problem()
    let procedure: OptimismCorrection.Procedure = fit == .firth ? .firth : .maximumLikelihood
    let found: OptimismCorrection
    if let indices {
      found = try OptimismCorrection.measure(
        problem.design,
        outcomes: problem.outcomes,
        resamples: try Self.rows(indices, count: problem.frame.count),
        procedure: procedure
      )
    } else {
      found = try await OptimismCorrection.measure(
        problem.design,
        outcomes: problem.outcomes,
        resampleCount: resamples,
        seed: seed,
        taskCount: 4,
        procedure: procedure
      )
    }
    let members: [String: StatisticsValue] = [
      "apparent": Self.value(found.apparent),
      "optimism": Self.value(found.optimism),
      "corrected": Self.value(found.corrected),
      "used": .integer(found.usedCount),
      "left_out": .integer(found.leftOut.count),
      "events": problem.events,
    ]
    try formula.options.print(members, of: problem.frame) { Self.text(found) }
  }

  private static func value(_ measures: OptimismCorrection.Measures) -> StatisticsValue {
    .object([
      "auc": .number(measures.auc), "slope": .number(measures.slope),
      "intercept_joint": .number(measures.jointIntercept), "citl": .number(measures.inTheLarge),
      "brier": .number(measures.brier),
    ])
  }

  private static func text(_ found: OptimismCorrection) -> String {
    var table = TextTable(["measure", "apparent", "optimism", "corrected"])
    let measures: [(String, (OptimismCorrection.Measures) -> Double)] = [
      ("AUC", \.auc), ("slope", \.slope), ("in the large", \.inTheLarge), ("Brier score", \.brier),
    ]
    for (name, value) in measures {
      table.add(
        [name]
          + [found.apparent, found.optimism, found.corrected].map {
            StatisticsText.number(value($0))
          }
      )
    }
    return table.text + "\(found.usedCount) resamples, \(found.leftOut.count) left out\n"
  }

  /// Resamples of a file as positions from 0.
  private static func rows(_ path: String, count: Int) throws(CommandFailure) -> [[Int]] {
    let bytes = try PrivateFile.read(path, limitBytes: StatisticsOptions.fileLimitBytes)
    var resamples: [[Int]] = []
    for (line, text) in bytes.split(whereSeparator: { $0 == 0x0A || $0 == 0x0D }).enumerated() {
      var rows: [Int] = []
      for cell in text.split(separator: 0x2C, omittingEmptySubsequences: false) {
        guard let row = Int(String(decoding: cell, as: UTF8.self)),
          (1...max(1, count)).contains(row)
        else {
          throw CommandFailure(
            .refused,
            what: "Line \(line + 1) has something else than row numbers from 1 to \(count)",
            to: path,
            todo: "Write row numbers of complete rows, separated by commas"
          )
        }
        rows.append(row - 1)
      }
      resamples.append(rows)
    }
    return resamples
  }
}
