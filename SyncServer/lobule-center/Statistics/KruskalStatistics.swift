// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Biostatistics
import CommandSupport

/// The command `lobule-center statistics kruskal`.
struct KruskalStatistics: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kruskal",
    abstract: "The Kruskal–Wallis test of equal distributions in groups."
  )

  @OptionGroup var options: StatisticsOptions

  @Option(help: "The column with the values.")
  var value: String

  @Option(help: "The column with the groups.")
  var by: String

  func run() async throws {
    let frame = try options.frame([value, by])
    let values = try frame.numbers(value)
    let labels = try frame.groups(by)
    var groups: [[Double]] = Array(repeating: [], count: labels.names.count)
    for (row, code) in labels.codes.enumerated() { groups[code].append(values[row]) }
    let test = try KruskalWallis.test(groups)
    let members: [String: StatisticsValue] = [
      "chisq": .number(test.statistic), "df": .number(test.degreesOfFreedom),
      "p": .number(test.p),
    ]
    try options.print(members, of: frame) {
      var table = TextTable(["group", "n", "median"])
      for (code, name) in labels.names.enumerated() {
        let median = try? Quantile.median(groups[code])
        table.add([name, String(groups[code].count), StatisticsText.number(median)])
      }
      return table.text + StatisticsText.chiSquare(test)
    }
  }
}
