// SPDX-License-Identifier: Apache-2.0

/// Tests of a smaller model within a larger one.
public enum NestedModels {
  /// The likelihood-ratio test: the fall in deviance on as many degrees of freedom as terms.
  ///
  /// - Parameters:
  ///   - smaller: A fit whose terms are all in `larger`, to the same rows.
  ///   - larger: The larger fit.
  /// - Returns: The chi-squared test.
  /// - Throws: `columnsDiffer` unless nested, `countsDiffer` for other rows, `tooFew` for equal
  ///   models.
  public static func likelihoodRatioTest(
    _ smaller: LogisticFit,
    within larger: LogisticFit
  ) throws(BiostatisticsError) -> TestResult {
    try check(smaller, larger)
    let freedom = larger.terms.count - smaller.terms.count
    return try ChiSquared(degreesOfFreedom: Double(freedom))
      .test(max(0, smaller.deviance - larger.deviance))
  }

  /// Rao's score test of the terms that a design has beyond a smaller fit: Uᵀ I⁻¹ U at the
  /// smaller fit's estimates, with no fit of the larger model.
  ///
  /// Source: Rao, Proc Camb Phil Soc 1948;44:50–57, doi:10.1017/S0305004100023987.
  ///
  /// - Parameters:
  ///   - smaller: A fit whose columns are all in `design`, to the same rows.
  ///   - design: The larger model's predictors (shape: n × p).
  ///   - outcomes: Observed events (shape: n).
  /// - Returns: The chi-squared test.
  /// - Throws: `columnsDiffer`, `countsDiffer`, `tooFew`, `notPositiveDefinite`, or a refusal of
  ///   malformed input.
  public static func scoreTest(
    _ smaller: LogisticFit,
    within design: DesignMatrix,
    outcomes: [Bool]
  ) throws(BiostatisticsError) -> TestResult {
    let problem = try LogisticProblem(
      design: design,
      outcomes: outcomes.map { $0 ? 1 : 0 },
      weights: nil,
      offset: nil
    )
    guard smaller.count == problem.rowCount else {
      throw .countsDiffer(expected: problem.rowCount, found: smaller.count)
    }
    var coefficients = [Double](repeating: 0, count: problem.termCount)
    for row in smaller.coefficients {
      guard let index = problem.terms.firstIndex(of: row.term) else {
        throw .columnsDiffer(expected: problem.terms, found: smaller.terms)
      }
      coefficients[index] = row.estimate
    }
    let freedom = problem.termCount - smaller.terms.count
    guard freedom > 0 else { throw .tooFew(what: "added terms", needed: 1, found: 0) }
    let sums = problem.sums(at: coefficients)
    let solved = try Cholesky(sums.information).solve(sums.score)
    let statistic = zip(solved, sums.score).reduce(0) { $0 + $1.0 * $1.1 }
    return try ChiSquared(degreesOfFreedom: Double(freedom)).test(max(0, statistic))
  }

  private static func check(
    _ smaller: LogisticFit,
    _ larger: LogisticFit
  ) throws(BiostatisticsError) {
    guard smaller.count == larger.count else {
      throw .countsDiffer(expected: larger.count, found: smaller.count)
    }
    guard Set(smaller.terms).isSubset(of: larger.terms) else {
      throw .columnsDiffer(expected: larger.terms, found: smaller.terms)
    }
    guard smaller.terms.count < larger.terms.count else {
      throw .tooFew(what: "added terms", needed: 1, found: 0)
    }
  }
}

extension LogisticFit {
  /// Wald's joint test that the coefficients of some terms are 0: bᵀ V⁻¹ b.
  ///
  /// - Parameter tested: Names of terms of the fit, at least one.
  /// - Returns: The chi-squared test on as many degrees of freedom as terms.
  /// - Throws: `columnsDiffer` for a term the fit does not have, `tooFew`, `duplicateColumn`.
  public func waldTest(_ tested: [String]) throws(BiostatisticsError) -> TestResult {
    guard !tested.isEmpty else { throw .tooFew(what: "terms", needed: 1, found: 0) }
    var indices: [Int] = []
    for term in tested {
      guard let index = terms.firstIndex(of: term) else {
        throw .columnsDiffer(expected: terms, found: tested)
      }
      guard !indices.contains(index) else { throw .duplicateColumn(term) }
      indices.append(index)
    }
    let values = indices.map { estimates[$0] }
    let solved = try Cholesky(covariance.submatrix(indices)).solve(values)
    return try ChiSquared(degreesOfFreedom: Double(indices.count))
      .test(zip(solved, values).reduce(0) { $0 + $1.0 * $1.1 })
  }
}

/// What a model loses when one column is left out.
public struct DroppedTerm: Equatable, Sendable {
  /// The column left out.
  public let term: String
  /// The deviance without it.
  public let deviance: Double
  /// Akaike's criterion without it.
  public let aic: Double
  /// The likelihood-ratio test against the full model, one degree of freedom.
  public let test: TestResult

  /// Leaves out each column in turn.
  ///
  /// - Parameters:
  ///   - design: The predictors (shape: n × p), at least one.
  ///   - outcomes: Observed events (shape: n).
  /// - Returns: One row for each column, in their order.
  /// - Throws: As `LogisticFit.fit`.
  public static func all(
    _ design: DesignMatrix,
    outcomes: [Bool]
  ) throws(BiostatisticsError) -> [DroppedTerm] {
    let full = try LogisticFit.fit(design, outcomes: outcomes)
    var rows: [DroppedTerm] = []
    for name in design.columnNames {
      let fit = try LogisticFit.fit(
        design.selecting(columns: design.columnNames.filter { $0 != name }),
        outcomes: outcomes
      )
      rows.append(
        DroppedTerm(
          term: name,
          deviance: fit.deviance,
          aic: fit.aic,
          test: try NestedModels.likelihoodRatioTest(fit, within: full)
        )
      )
    }
    return rows
  }
}

extension DesignMatrix {
  /// The design of some columns, in the given order; none makes a design of an intercept alone.
  ///
  /// - Parameter columns: Names of columns.
  /// - Returns: A design with the same rows.
  /// - Throws: `columnsDiffer` for a name the design does not have, `duplicateColumn`.
  public func selecting(columns: [String]) throws(BiostatisticsError) -> DesignMatrix {
    guard !columns.isEmpty else { return try DesignMatrix(rowCount: rowCount) }
    var values: [[Double]] = []
    for name in columns {
      guard let index = columnNames.firstIndex(of: name) else {
        throw .columnsDiffer(expected: columnNames, found: columns)
      }
      values.append(Array(column(index)))
    }
    return try DesignMatrix(columnNames: columns, columns: values)
  }
}
