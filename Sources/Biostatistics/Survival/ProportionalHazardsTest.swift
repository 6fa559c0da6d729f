// SPDX-License-Identifier: Apache-2.0

/// The score test that the coefficients of a proportional-hazards model do not change with time.
///
/// Source: Grambsch & Therneau, Biometrika 1994;81:515–526, doi:10.1093/biomet/81.3.515, as a
/// score test on the full information matrix (cox.zph of R survival 3.0 and later).
public struct ProportionalHazardsTest: Equatable, Sendable {
  /// The function of time a coefficient is tested against.
  public enum TimeScale: String, Equatable, Hashable, Codable, Sendable {
    /// 1 − S(t−), with S the Kaplan–Meier estimate of all patients.
    case kaplanMeier
    /// The time itself.
    case identity
  }

  /// The terms of the model.
  public let terms: [String]
  /// The test of each term, 1 degree of freedom.
  public let tests: [TestResult]
  /// The test of all terms together.
  public let overall: TestResult

  /// Tests a fit on the data it was fitted to.
  ///
  /// - Parameters:
  ///   - fit: The fit.
  ///   - design: Its predictors (shape: n × p).
  ///   - times: Its follow-up times (shape: n).
  ///   - events: Its events (shape: n).
  ///   - timeScale: The function of time.
  /// - Returns: One test for each term and one for all.
  /// - Throws: `columnsDiffer`, or as the fit; `notPositiveDefinite` with too few event times.
  public static func test(
    _ fit: CoxFit,
    design: DesignMatrix,
    times: [Double],
    events: [Bool],
    timeScale: TimeScale = .kaplanMeier
  ) throws(BiostatisticsError) -> ProportionalHazardsTest {
    guard fit.terms == design.columnNames else {
      throw .columnsDiffer(expected: fit.terms, found: design.columnNames)
    }
    let problem = try CoxProblem(design: design, times: times, events: events, ties: fit.ties)
    let coefficients = zip(fit.estimates, problem.scales).map { $0 * $1 }
    let scale = TimeValues(problem, timeScale: timeScale)
    var sums = TimeVaryingSums(count: problem.termCount)
    sums.scan(problem, coefficients: coefficients, timeValues: scale.values)
    let information = try Cholesky(sums.plain)
    // The information of the time-varying terms given the constant ones.
    var rest = sums.twice
    let solved = (0..<problem.termCount).map { column in
      information.solve((0..<problem.termCount).map { sums.once[$0, column] })
    }
    for row in 0..<problem.termCount {
      for column in 0...row {
        rest[row, column] -= (0..<problem.termCount).reduce(0) {
          $0 + sums.once[row, $1] * solved[column][$1]
        }
      }
    }
    var tests: [TestResult] = []
    for (term, score) in sums.score.enumerated() {
      guard rest[term, term] > 0 else { throw .notPositiveDefinite }
      tests.append(try ChiSquared(degreesOfFreedom: 1).test(score * score / rest[term, term]))
    }
    let overall = try Cholesky(rest).forward(sums.score).reduce(0) { $0 + $1 * $1 }
    return ProportionalHazardsTest(
      terms: fit.terms,
      tests: tests,
      overall: try ChiSquared(degreesOfFreedom: Double(problem.termCount)).test(overall)
    )
  }
}

/// The function of time at each moment, centred over events.
private struct TimeValues {
  let values: [Double]

  init(_ problem: CoxProblem, timeScale: ProportionalHazardsTest.TimeScale) {
    var raw: [Double] = []
    var survival = 1.0
    for moment in problem.moments {
      raw.append(timeScale == .identity ? moment.time : 1 - survival)
      let atRisk = problem.rowCount - moment.rows.lowerBound
      survival *= Double(atRisk - moment.events) / Double(atRisk)
    }
    // Centring and scaling change nothing but rounding.
    let weights = problem.moments.map { Double($0.events) / Double(problem.eventCount) }
    let mean = zip(raw, weights).reduce(0) { $0 + $1.0 * $1.1 }
    let spread = raw.reduce(0) { max($0, abs($1 - mean)) }
    values = raw.map { spread > 0 ? ($0 - mean) / spread : 0 }
  }
}

/// The score of x g(t), and Σ V, Σ g V and Σ g² V over events, V the variance in the risk set.
private struct TimeVaryingSums {
  var score: [Double]
  var plain: SymmetricMatrix
  var once: SymmetricMatrix
  var twice: SymmetricMatrix

  init(count: Int) {
    score = Array(repeating: 0, count: count)
    plain = SymmetricMatrix(dimension: count)
    once = plain
    twice = plain
  }

  mutating func scan(_ problem: CoxProblem, coefficients: [Double], timeValues: [Double]) {
    let predictor = problem.linearPredictor(coefficients)
    let shift = predictor.max() ?? 0
    let risks = predictor.map { exp($0 - shift) }
    var atRisk = RiskMoments(count: score.count)
    for (index, moment) in problem.moments.enumerated().reversed() {
      var tied = RiskMoments(count: score.count)
      for row in moment.rows {
        let x = score.indices.map { problem.columns[$0 * problem.rowCount + row] }
        atRisk.add(x, risk: risks[row])
        guard problem.isEvent[row] else { continue }
        tied.add(x, risk: risks[row])
        for term in score.indices { score[term] += timeValues[index] * x[term] }
      }
      guard moment.events > 0 else { continue }
      for event in 0..<moment.events {
        let share = problem.ties == .efron ? Double(event) / Double(moment.events) : 0
        add(atRisk, less: share, of: tied, time: timeValues[index])
      }
    }
  }

  private mutating func add(
    _ atRisk: RiskMoments,
    less share: Double,
    of tied: RiskMoments,
    time: Double
  ) {
    let total = atRisk.total - share * tied.total
    let means = score.indices.map { (atRisk.sums[$0] - share * tied.sums[$0]) / total }
    for row in score.indices {
      score[row] -= time * means[row]
      for column in 0...row {
        let square = (atRisk.products[row, column] - share * tied.products[row, column]) / total
        let variance = square - means[row] * means[column]
        plain[row, column] += variance
        once[row, column] += time * variance
        twice[row, column] += time * time * variance
      }
    }
  }
}

/// Risk-weighted sums of x and of x xᵀ.
private struct RiskMoments {
  var total = 0.0
  var sums: [Double]
  var products: SymmetricMatrix

  init(count: Int) {
    sums = Array(repeating: 0, count: count)
    products = SymmetricMatrix(dimension: count)
  }

  mutating func add(_ x: [Double], risk: Double) {
    total += risk
    for row in x.indices {
      sums[row] += risk * x[row]
      for column in 0...row { products[row, column] += risk * x[row] * x[column] }
    }
  }
}
