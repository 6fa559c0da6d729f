// SPDX-License-Identifier: Apache-2.0

/// Logistic regressions with an absolute or squared penalty, for a sequence of penalties.
///
/// Minimises −l(b)/n + λ ((1 − α)/2 Σ b² + α Σ |b|) over standardised columns (divisor n); the
/// intercept is not penalised, and coefficients are returned in the columns' own units. The
/// first λ is the smallest at which all coefficients are 0, max |⟨x, y − ȳ⟩| / (n max(α, 0.001));
/// the others follow in equal steps of log λ. At α = 0 the first model is the intercept alone.
///
/// Missing values are refused by `DesignMatrix`; a constant column gets coefficient 0.
///
/// Source: Tibshirani, J R Stat Soc B 1996;58:267–288, doi:10.1111/j.2517-6161.1996.tb02080.x;
/// Friedman et al., J Stat Softw 2010;33(1):1–22, doi:10.18637/jss.v033.i01.
public struct PenalisedPath: Equatable, Sendable {
  /// The names of the terms, the intercept first (shape: p + 1).
  public let terms: [String]
  /// The share of the absolute penalty, α.
  public let mixing: Double
  /// The penalties λ, from the largest down (shape: m).
  public let penalties: [Double]
  /// The coefficients of each penalty, the intercept first (shape: m × (p + 1)).
  public let coefficients: [[Double]]
  /// The share of the null deviance that each model explains (shape: m).
  public let devianceRatios: [Double]
  /// The deviance of the intercept alone.
  public let nullDeviance: Double

  /// The number of coefficients other than 0, without the intercept (shape: m).
  public var nonzeroCounts: [Int] { coefficients.map { $0.dropFirst().count { $0 != 0 } } }

  /// Fits the path.
  ///
  /// - Parameters:
  ///   - design: The predictors (shape: n × p).
  ///   - outcomes: Observed events (shape: n), of both kinds.
  ///   - options: Penalties and accuracy.
  /// - Returns: One model for each penalty.
  /// - Throws: `noEvents`, `noNonEvents`, `notFinite` when a column overflows, `zeroVariance`
  ///   when every column is constant, `notConverged`, or a refusal of malformed input.
  public static func fit(
    _ design: DesignMatrix,
    outcomes: [Bool],
    options: PenalisedPathOptions = PenalisedPathOptions()
  ) throws(BiostatisticsError) -> PenalisedPath {
    try options.check()
    let rows = try StandardisedRows(design, outcomes: outcomes, order: nil)
    return try rows.path(ranges: [0..<design.rowCount], options: options)
  }
}

/// A copy of a design with every column scaled to mean 0 and standard deviation 1.
struct StandardisedRows {
  let problem: LogisticProblem
  private let means: [Double]
  private let deviations: [Double]

  /// Copies the rows in the given order; as they are when nil.
  ///
  /// - Throws: `notFinite` when a column overflows, or a refusal of malformed input.
  init(_ design: DesignMatrix, outcomes: [Bool], order: [Int]?) throws(BiostatisticsError) {
    let checked = try LogisticProblem(
      design: design,
      outcomes: outcomes.map { $0 ? 1 : 0 },
      weights: nil,
      offset: nil
    )
    let count = design.rowCount
    var values: [Double] = []
    values.reserveCapacity(design.values.count)
    var means: [Double] = []
    var deviations: [Double] = []
    for index in 0..<design.columnCount {
      let column = design.column(index)
      let mean = column.reduce(0) { $0 + $1 / Double(count) }
      let variance = column.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count)
      guard mean.isFinite, variance.isFinite else {
        throw .notFinite(input: design.columnNames[index], position: 0)
      }
      let isConstant = variance <= 1e-28 * mean * mean
      let deviation = isConstant ? 1 : variance.squareRoot()
      means.append(mean)
      deviations.append(deviation)
      let start = column.startIndex
      for row in 0..<count {
        let value = column[start + (order?[row] ?? row)]
        values.append(isConstant ? 0 : (value - mean) / deviation)
      }
    }
    self.means = means
    self.deviations = deviations
    problem = LogisticProblem(
      terms: checked.terms,
      values: values,
      outcomes: order.map { $0.map { checked.outcomes[$0] } } ?? checked.outcomes,
      weights: nil
    )
  }

  /// The path of some of the rows, in the columns' own units.
  func path(
    ranges: [Range<Int>],
    penalties: [Double]? = nil,
    options: PenalisedPathOptions
  ) throws(BiostatisticsError) -> PenalisedPath {
    var fitter = try PathFitter(problem.restricted(to: ranges), options: options)
    var models = try fitter.run(penalties: penalties)
    for index in models.coefficients.indices {
      var shift = 0.0
      for column in means.indices {
        models.coefficients[index][column + 1] /= deviations[column]
        shift += models.coefficients[index][column + 1] * means[column]
      }
      models.coefficients[index][0] -= shift
    }
    return PenalisedPath(
      terms: problem.terms,
      mixing: options.mixing,
      penalties: models.penalties,
      coefficients: models.coefficients,
      devianceRatios: models.devianceRatios,
      nullDeviance: fitter.nullDeviance
    )
  }

  /// Coefficients for the columns' own units, turned into those for the copy.
  func standardised(_ coefficients: [Double]) -> [Double] {
    var result = coefficients
    for column in means.indices {
      result[0] += coefficients[column + 1] * means[column]
      result[column + 1] *= deviations[column]
    }
    return result
  }
}
