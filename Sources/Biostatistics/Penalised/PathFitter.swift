// SPDX-License-Identifier: Apache-2.0

/// Fits the models of a path one after the other by penalised Newton steps.
///
/// Each pass over the rows gives the likelihood's quadratic expansion; the penalised minimum of
/// that costs no pass. The expansion at one penalty's solution serves for the first step of the
/// next, so most penalties need a single pass.
struct PathFitter {
  /// The models in the units of the problem's columns.
  struct Models {
    var penalties: [Double]
    var coefficients: [[Double]]
    var devianceRatios: [Double]
  }

  let nullDeviance: Double
  private let problem: LogisticProblem
  private let options: PenalisedPathOptions
  private let count: Double
  private let means: [Double]
  private let deviations: [Double]
  private var expansion: LikelihoodExpansion

  init(
    _ problem: LogisticProblem,
    options: PenalisedPathOptions
  ) throws(BiostatisticsError) {
    self.problem = problem
    self.options = options
    count = Double(problem.rowCount)
    let events = problem.totals.events
    guard events > 0 else { throw .noEvents(count: problem.rowCount) }
    guard events < count else { throw .noNonEvents(count: problem.rowCount) }
    let products = problem.crossProducts()
    var means: [Double] = []
    var deviations: [Double] = []
    for term in 1..<max(1, problem.termCount) {
      let mean = products[0, term] / count
      let variance = products[term, term] / count - mean * mean
      means.append(mean)
      // A column that is constant in these rows cannot enter: its deviation is marked 0.
      deviations.append(variance > 1e-12 ? variance.squareRoot() : 0)
    }
    self.means = means
    self.deviations = deviations
    let rate = events / count
    nullDeviance = -2 * count * (rate * log(rate) + (1 - rate) * log1p(-rate))
    var null = [Double](repeating: 0, count: problem.termCount)
    null[0] = Logit.of(rate)
    expansion = LikelihoodExpansion(width: problem.termCount - 1)
    expansion = expand(at: null)
  }

  /// The sequence of penalties.
  func penalties() throws(BiostatisticsError) -> [Double] {
    let largest =
      (expansion.gradient.map { abs($0) }.max() ?? 0) / max(options.mixing, 1e-3)
    guard largest > 0 else { throw .zeroVariance("predictors") }
    let fallback = problem.rowCount < problem.termCount - 1 ? 0.01 : 1e-4
    let ratio = options.smallestRatio ?? fallback
    let step = log(ratio) / Double(options.penaltyCount - 1)
    return (0..<options.penaltyCount).map { largest * exp(step * Double($0)) }
  }

  /// Fits the models of the path's own penalties, or of given ones.
  mutating func run(penalties given: [Double]? = nil) throws(BiostatisticsError) -> Models {
    let penalties: [Double]
    if let given { penalties = given } else { penalties = try self.penalties() }
    var models = Models(penalties: [], coefficients: [], devianceRatios: [])
    for (index, penalty) in penalties.enumerated() {
      let isNull = index == 0 && given == nil
      let solution = isNull ? expansion.point : try solve(penalty)
      let value = isNull ? expansion.value : expansion.value(at: solution)
      models.penalties.append(penalty)
      models.coefficients.append(unstandardised(solution))
      let ratio = isNull ? 0 : 1 - 2 * count * value / nullDeviance
      models.devianceRatios.append(ratio)
      let gain = ratio - (index > 0 ? models.devianceRatios[index - 1] : 0)
      if given == nil, index >= 5, gain < options.smallestGain { break }
    }
    return models
  }

  /// The solution at one penalty; leaves the expansion near it.
  private mutating func solve(_ penalty: Double) throws(BiostatisticsError) -> [Double] {
    var target = try expansion.minimum(penalty: penalty, mixing: options.mixing)
    for _ in 0..<200 {
      let next = try descend(to: target, penalty: penalty)
      expansion = next
      target = try next.minimum(penalty: penalty, mixing: options.mixing)
      let step = zip(target, next.point).reduce(0) { max($0, abs($1.0 - $1.1)) }
      if step <= options.tolerance { return target }
    }
    throw .notConverged(iterations: 200)
  }

  /// The expansion at the target, or on the way to it where the target is worse.
  private func descend(
    to target: [Double],
    penalty: Double
  ) throws(BiostatisticsError) -> LikelihoodExpansion {
    let mixing = options.mixing
    let before = expansion.objective(penalty: penalty, mixing: mixing)
    var point = target
    for _ in 0..<60 {
      let next = expand(at: unstandardised(point), standardised: point)
      let after = next.objective(penalty: penalty, mixing: mixing)
      if after <= before + 1e-12 * (1 + abs(before)) { return next }
      point = zip(point, expansion.point).map { ($0 + $1) / 2 }
    }
    throw .notConverged(iterations: 60)
  }

  /// The coefficients for columns that are not standardised within these rows.
  private func unstandardised(_ point: [Double]) -> [Double] {
    var result = point
    for column in means.indices {
      result[column + 1] = deviations[column] > 0 ? point[column + 1] / deviations[column] : 0
      result[0] -= result[column + 1] * means[column]
    }
    return result
  }

  /// One pass over the rows: −l/n with its derivatives for standardised columns.
  private func expand(
    at coefficients: [Double],
    standardised: [Double]? = nil
  ) -> LikelihoodExpansion {
    let sums = problem.sums(at: coefficients)
    let width = means.count
    var result = LikelihoodExpansion(width: width)
    result.point = standardised ?? coefficients
    result.value = -sums.logLikelihood / count
    let matrix = sums.information
    result.interceptGradient = -sums.score[0] / count
    result.interceptCurvature = matrix[0, 0] / count
    for row in 0..<width where deviations[row] > 0 {
      let mean = means[row]
      let scale = 1 / (deviations[row] * count)
      result.gradient[row] = -(sums.score[row + 1] - mean * sums.score[0]) * scale
      result.cross[row] = (matrix[0, row + 1] - mean * matrix[0, 0]) * scale
      for column in 0...row where deviations[column] > 0 {
        let other = means[column]
        let centred =
          matrix[row + 1, column + 1] - mean * matrix[0, column + 1]
          - other * matrix[0, row + 1] + mean * other * matrix[0, 0]
        result.curvature[row, column] = centred * scale / deviations[column]
      }
    }
    return result
  }
}
