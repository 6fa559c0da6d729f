// SPDX-License-Identifier: Apache-2.0

extension LogisticFit {
  /// The table of coefficients with profile-likelihood limits and likelihood-ratio p values.
  ///
  /// The limits are exact roots, not interpolated. Inputs are those of `fit`.
  ///
  /// Source: Venzon & Moolgavkar, Appl Stat 1988;37:87–94, doi:10.2307/2347496.
  public static func profileCoefficients(
    _ design: DesignMatrix,
    outcomes: [Bool],
    weights: [Double]? = nil,
    offset: [Double]? = nil,
    options: LogisticOptions = LogisticOptions()
  ) throws(BiostatisticsError) -> [Coefficient] {
    let problem = try LogisticProblem(
      design: design,
      outcomes: outcomes.map { $0 ? 1 : 0 },
      weights: weights,
      offset: offset
    )
    try problem.checkRank()
    let profile = try LikelihoodProfile(
      problem: problem,
      penalty: .none,
      options: try options.checked()
    )
    var rows: [Coefficient] = []
    for index in problem.terms.indices { rows.append(try profile.coefficient(index)) }
    return rows
  }
}
