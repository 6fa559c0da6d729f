// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// The command `lobule-center statistics …`: one statistic from any CSV file.
struct StatisticsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "statistics",
    abstract: "Compute one statistic from any CSV file, without any registry.",
    discussion: """
      Rows with an empty cell or NA in a column that is used are left out and counted. Columns of \
      text become indicators of their levels, the first level being the reference.
      """,
    subcommands: [
      LogisticStatistics.self, FirthStatistics.self, SeparationStatistics.self,
      LassoStatistics.self, RidgeStatistics.self, StepwiseStatistics.self,
      AUCStatistics.self, DeLongStatistics.self, YoudenStatistics.self,
      CalibrationStatistics.self, DecisionCurveStatistics.self,
      KaplanMeierStatistics.self, LogRankStatistics.self, CoxStatistics.self,
      KappaStatistics.self, IntraclassStatistics.self, KruskalStatistics.self,
      InternalExternalStatistics.self, OptimismStatistics.self, MixedStatistics.self,
    ]
  )
}
