// SPDX-License-Identifier: Apache-2.0

/// Tests of several coefficients at once over imputed data sets.
public enum ImputedTest {
  /// The pooled Wald test, D1, that coefficients are all 0.
  ///
  /// With the degrees of freedom of complete data, Reiter's reference distribution serves, whose
  /// denominator is 4 where k (m − 1) is at most 4; without, that of Li, Raghunathan and Rubin.
  ///
  /// Source: Li, Raghunathan & Rubin, J Am Stat Assoc 1991;86:1065–1073,
  /// doi:10.1080/01621459.1991.10475152; Reiter, Biometrika 2007;94:502–508,
  /// doi:10.1093/biomet/asm028.
  ///
  /// - Parameters:
  ///   - estimates: For each imputed data set the coefficients in question (shape: m × k).
  ///   - covariances: Their covariances (shape: m of k × k).
  ///   - completeDegreesOfFreedom: Those the analysis of complete data would have.
  /// - Returns: The F test.
  /// - Throws: `tooFew`, `countsDiffer`, `notPositiveDefinite`, or `outOfRange`.
  public static func wald(
    estimates: [[Double]],
    covariances: [SymmetricMatrix],
    completeDegreesOfFreedom: Double?
  ) throws(BiostatisticsError) -> FTestResult {
    guard estimates.count == covariances.count else {
      throw .countsDiffer(expected: estimates.count, found: covariances.count)
    }
    guard estimates.count > 1 else {
      throw .tooFew(what: "imputations", needed: 2, found: estimates.count)
    }
    let size = estimates[0].count
    guard size > 0 else { throw .tooFew(what: "coefficients", needed: 1, found: 0) }
    for found in estimates.map(\.count) + covariances.map(\.dimension) where found != size {
      throw .countsDiffer(expected: size, found: found)
    }
    let m = Double(estimates.count)
    let k = Double(size)
    let mean = (0..<size).map { index in estimates.reduce(0) { $0 + $1[index] } / m }
    var within = SymmetricMatrix(dimension: size)
    for row in 0..<size {
      for column in 0...row {
        within[row, column] = covariances.reduce(0) { $0 + $1[row, column] } / m
      }
    }
    let factor = try Cholesky(within)
    // tr(B Ū⁻¹) is the sum of squared distances in the metric of Ū, over m − 1.
    let trace = estimates.reduce(0) { sum, own in
      let distance = factor.forward(zip(own, mean).map { $0 - $1 })
      return sum + distance.reduce(0) { $0 + $1 * $1 } / (m - 1)
    }
    let increase = (1 + 1 / m) * trace / k
    let distance = factor.forward(mean).reduce(0) { $0 + $1 * $1 }
    let below = denominator(
      increase: increase,
      k: k,
      m: m,
      complete: completeDegreesOfFreedom
    )
    return try FRatio(numerator: k, denominator: below).test(distance / (k * (1 + increase)))
  }

  /// The pooled likelihood-ratio test, D3.
  ///
  /// Source: Meng & Rubin, Biometrika 1992;79:103–111, doi:10.1093/biomet/79.1.103.
  ///
  /// - Parameters:
  ///   - own: For each imputed data set twice the log-likelihood ratio at its own estimates of
  ///     both models (shape: m).
  ///   - pooled: The same at the mean estimates over imputations (shape: m).
  ///   - coefficientCount: The coefficients the larger model has more, k.
  /// - Returns: The F test.
  /// - Throws: `tooFew`, `countsDiffer` or `notFinite`.
  public static func likelihoodRatio(
    own: [Double],
    pooled: [Double],
    coefficientCount: Int
  ) throws(BiostatisticsError) -> FTestResult {
    guard own.count == pooled.count else {
      throw .countsDiffer(expected: own.count, found: pooled.count)
    }
    guard own.count > 1 else {
      throw .tooFew(what: "imputations", needed: 2, found: own.count)
    }
    guard coefficientCount > 0 else {
      throw .tooFew(what: "coefficients", needed: 1, found: coefficientCount)
    }
    if let position = (own + pooled).firstIndex(where: { !$0.isFinite }) {
      throw .notFinite(input: "likelihood ratios", position: position % own.count)
    }
    let m = Double(own.count)
    let k = Double(coefficientCount)
    let atOwn = own.reduce(0, +) / m
    let atPooled = pooled.reduce(0, +) / m
    let increase = max(0, (m + 1) / (k * (m - 1)) * (atOwn - atPooled))
    let below = denominator(increase: increase, k: k, m: m, complete: nil)
    return try FRatio(numerator: k, denominator: below).test(atPooled / (k * (1 + increase)))
  }

  /// The pooled likelihood-ratio test, D3, of some columns of logistic regressions.
  ///
  /// As mice does, the likelihood at the mean estimates holds the slopes there and finds the
  /// intercept anew in each data set.
  ///
  /// - Parameters:
  ///   - designs: The larger design in each imputed data set (shape: m of n × p).
  ///   - outcomes: The outcomes in each (shape: m × n).
  ///   - dropping: The names of the columns in question.
  /// - Returns: The F test.
  /// - Throws: As `LogisticFit.fit` and `likelihoodRatio`; `columnsDiffer` for an unknown name.
  public static func logisticLikelihoodRatio(
    designs: [DesignMatrix],
    outcomes: [[Bool]],
    dropping: [String]
  ) throws(BiostatisticsError) -> FTestResult {
    guard designs.count == outcomes.count else {
      throw .countsDiffer(expected: designs.count, found: outcomes.count)
    }
    guard let names = designs.first?.columnNames, dropping.allSatisfy(names.contains) else {
      throw .columnsDiffer(expected: dropping, found: designs.first?.columnNames ?? [])
    }
    let large = try ImputedLogistic(designs, outcomes: outcomes)
    let small = try ImputedLogistic(
      try designs.map { (design: DesignMatrix) throws(BiostatisticsError) in
        try design.without(dropping)
      },
      outcomes: outcomes
    )
    return try likelihoodRatio(
      own: zip(large.own, small.own).map { 2 * ($0 - $1) },
      pooled: zip(large.pooled, small.pooled).map { 2 * ($0 - $1) },
      coefficientCount: Set(dropping).count
    )
  }

  private static func denominator(
    increase: Double,
    k: Double,
    m: Double,
    complete: Double?
  ) -> Double {
    let t = k * (m - 1)
    let increase = max(increase, 1e-12)
    guard let complete else {
      guard t > 4 else {
        return t * (1 + 1 / k) * (1 + 1 / increase) * (1 + 1 / increase) / 2
      }
      let root = 1 + (1 - 2 / t) / increase
      return 4 + (t - 4) * root * root
    }
    guard t > 4 else { return 4 }
    let a = increase * t / (t - 2)
    let star = (complete + 1) / (complete + 3) * complete
    let c0 = 1 / (t - 4)
    let c1 = star - 2 * (1 + a)
    let c2 = star - 4 * (1 + a)
    let plain = 1 / c2 + c0 * (a * a * c1 / ((1 + a) * (1 + a) * c2))
    let linear = c0 * (8 * a * a * c1 / ((1 + a) * c2 * c2) + 4 * a * a / ((1 + a) * c2))
    let square = c0 * (4 * a * a / (c2 * c1) + 16 * a * a * c1 / (c2 * c2 * c2))
    let z = plain + linear + square + c0 * (8 * a * a / (c2 * c2))
    // With too little complete data the series has no meaning; 4 is its floor.
    return z > 0 && z.isFinite ? 4 + 1 / z : 4
  }
}

/// Logistic regressions of one model over imputed data sets.
private struct ImputedLogistic {
  /// The log-likelihood at each data set's own estimates.
  let own: [Double]
  /// The log-likelihood at the mean slopes, with an intercept of its own.
  let pooled: [Double]

  init(_ designs: [DesignMatrix], outcomes: [[Bool]]) throws(BiostatisticsError) {
    var fits: [LogisticFit] = []
    for (design, outcomes) in zip(designs, outcomes) {
      fits.append(try LogisticFit.fit(design, outcomes: outcomes))
    }
    own = fits.map(\.logLikelihood)
    let m = Double(fits.count)
    let mean = (fits.first?.estimates.indices ?? 0..<0).map { index in
      fits.reduce(0) { $0 + $1.estimates[index] } / m
    }
    var values: [Double] = []
    for (design, outcomes) in zip(designs, outcomes) {
      let predictor = (0..<design.rowCount).map { row in
        (0..<design.columnCount).reduce(mean[0]) { $0 + mean[$1 + 1] * design[row, $1] }
      }
      let fit = try LogisticFit.fit(
        try DesignMatrix(rowCount: design.rowCount),
        outcomes: outcomes,
        offset: predictor
      )
      values.append(fit.logLikelihood)
    }
    pooled = values
  }
}

extension DesignMatrix {
  /// The design without some columns.
  fileprivate func without(_ names: [String]) throws(BiostatisticsError) -> DesignMatrix {
    let kept = columnNames.indices.filter { !names.contains(columnNames[$0]) }
    guard !kept.isEmpty else { return try DesignMatrix(rowCount: rowCount) }
    return try DesignMatrix(
      columnNames: kept.map { columnNames[$0] },
      columns: kept.map { Array(column($0)) }
    )
  }
}
