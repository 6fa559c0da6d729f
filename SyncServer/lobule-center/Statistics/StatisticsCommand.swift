// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// The command `lobule-center statistics …`: one statistic from any CSV file.
struct StatisticsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "statistics",
    abstract: "Compute one statistic from any CSV file, without any registry.",
    discussion: """
      Rows with an empty cell or NA in a column that is used are left out and counted. Columns of
      text become indicators of their levels, the first level being the reference.
      """,
    subcommands: [
      LogisticStatistics.self, FirthStatistics.self, SeparationStatistics.self,
      AUCStatistics.self, DeLongStatistics.self, YoudenStatistics.self,
      DecisionCurveStatistics.self, KaplanMeierStatistics.self, LogRankStatistics.self,
      CoxStatistics.self, KappaStatistics.self, IntraclassStatistics.self,
      KruskalStatistics.self,
    ]
  )
}
