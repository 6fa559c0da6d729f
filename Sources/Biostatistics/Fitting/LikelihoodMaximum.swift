// SPDX-License-Identifier: Apache-2.0

/// What is added to the log-likelihood.
enum LikelihoodPenalty: Sendable {
  /// Nothing: maximum likelihood.
  case none
  /// Half the log determinant of the information, Jeffreys' invariant prior.
  case jeffreys
}

/// The maximum of a (penalised) log-likelihood over the coefficients that are not held fixed.
struct LikelihoodMaximum: Sendable {
  /// All coefficients, fixed ones included (shape: p).
  let coefficients: [Double]
  /// The log-likelihood, penalty included.
  let logLikelihood: Double
  /// The factor of the full information matrix, fixed columns included.
  let factor: Cholesky
  /// Steps taken.
  let iterations: Int
}

/// The state of an iteration at one vector of coefficients.
struct LikelihoodPoint {
  var coefficients: [Double]
  /// The largest absolute value of each column.
  var columnSizes: [Double]
  var factor: Cholesky
  /// The information of the data with the penalty written as h further patients per row.
  var stepInformation: SymmetricMatrix
  var score: [Double]
  var logLikelihood: Double

  func maximum(iterations: Int, gain: Double = 0) -> LikelihoodMaximum {
    LikelihoodMaximum(
      coefficients: coefficients,
      logLikelihood: logLikelihood + gain,
      factor: factor,
      iterations: iterations
    )
  }
}

extension LogisticProblem {
  /// Maximises by Newton steps on the augmented information, halved while they do not improve.
  ///
  /// Without the augmentation, scoring can swing about a penalised maximum for ever in small
  /// cohorts with high leverage.
  ///
  /// Under Jeffreys' penalty the determinant is always that of the full information, so a
  /// coefficient held fixed keeps its column: Heinze & Schemper, Stat Med 2002;21:2409–2419,
  /// doi:10.1002/sim.1047.
  ///
  /// - Parameters:
  ///   - penalty: What is added to the log-likelihood.
  ///   - fixed: The positions of coefficients that keep their starting value.
  ///   - start: Starting values (shape: p).
  ///   - options: Tolerance and limit.
  ///   - predictedGain: A shift, in standard errors, from which on the rest of the gain is taken
  ///     from the quadratic expansion: the likelihood is then exact, the coefficients nearly.
  ///   - lastStep: A step, in standard errors, after which coefficients are not evaluated again:
  ///     its square is the error that is left, while factor and likelihood are those before it.
  /// - Returns: The maximum at full convergence.
  /// - Throws: `notConverged` or `notPositiveDefinite`.
  func maximise(
    penalty: LikelihoodPenalty,
    fixed: Set<Int> = [],
    start: [Double],
    options: CheckedLogisticOptions,
    predictedGain: Double = 0,
    lastStep: Double = 0
  ) throws(BiostatisticsError) -> LikelihoodMaximum {
    let free = (0..<termCount).filter { !fixed.contains($0) }
    var point = try evaluate(start, penalty: penalty, columnSizes: columnSizes())
    for iteration in 0..<options.maximumIterations {
      guard !free.isEmpty else { return point.maximum(iterations: 0) }
      let score = free.map { point.score[$0] }
      let factor = try stepFactor(point, free: free, penalty: penalty, iteration: iteration)
      let step = factor.solve(score)
      let decrement = zip(score, step).reduce(0) { $0 + $1.0 * $1.1 }
      if decrement.squareRoot() <= options.tolerance {
        return point.maximum(iterations: iteration)
      }
      if decrement.squareRoot() <= predictedGain {
        return point.maximum(iterations: iteration, gain: decrement / 2)
      }
      var full = [Double](repeating: 0, count: termCount)
      for (position, index) in free.enumerated() { full[index] = step[position] }
      if decrement.squareRoot() <= lastStep {
        point.coefficients = zip(point.coefficients, full).map { $0 + $1 }
        return point.maximum(iterations: iteration + 1)
      }
      let next = try advance(from: point, step: full, penalty: penalty)
      guard let next else {
        // No shorter step improves: rounding is reached, or the fit is stuck.
        guard decrement.squareRoot() <= 1e-6 else { throw .notConverged(iterations: iteration) }
        return point.maximum(iterations: iteration)
      }
      point = next
    }
    throw .notConverged(iterations: options.maximumIterations)
  }

  /// The matrix of one step: the augmented information, and where that has crept along for many
  /// steps, the curvature itself by differences of the score.
  private func stepFactor(
    _ point: LikelihoodPoint,
    free: [Int],
    penalty: LikelihoodPenalty,
    iteration: Int
  ) throws(BiostatisticsError) -> Cholesky {
    if penalty == .none, free.count == termCount { return point.factor }
    let augmented = try Cholesky(point.stepInformation.submatrix(free))
    guard penalty == .jeffreys, iteration >= 25 else { return augmented }
    let errors = augmented.inverse().diagonal.map { $0.squareRoot() }
    var slopes: [[Double]] = []
    for (position, index) in free.enumerated() {
      let width = 1e-4 * errors[position]
      var sides: [[Double]] = []
      for sign in [1.0, -1] {
        var moved = point.coefficients
        moved[index] += sign * width
        guard let side = try? evaluate(moved, penalty: penalty, columnSizes: []) else {
          return augmented
        }
        sides.append(side.score)
      }
      slopes.append(free.map { (sides[1][$0] - sides[0][$0]) / (2 * width) })
    }
    // Beside a saddle the curvature is indefinite; a little of the augmented matrix mends it.
    let safe = point.stepInformation.submatrix(free)
    for share in [0, 1e-3, 1e-2, 1e-1] {
      var curvature = SymmetricMatrix(dimension: free.count)
      for row in free.indices {
        for column in 0...row {
          let slope = (slopes[row][column] + slopes[column][row]) / 2
          curvature[row, column] = slope + share * safe[row, column]
        }
      }
      if let factor = try? Cholesky(curvature) { return factor }
    }
    return augmented
  }

  /// The point after the longest of the halved steps that does not lower the likelihood.
  ///
  /// No row's linear predictor moves by more than 5 at once, whatever the units of the columns.
  private func advance(
    from point: LikelihoodPoint,
    step: [Double],
    penalty: LikelihoodPenalty
  ) throws(BiostatisticsError) -> LikelihoodPoint? {
    // A bound from the sizes of the columns spares most passes over the rows.
    let bound = zip(point.columnSizes, step).reduce(0) { $0 + $1.0 * abs($1.1) }
    let largest = bound > 5 || !bound.isFinite ? largestShift(step) : bound
    var length = largest > 5 ? 5 / largest : 1
    let allowance = 1e-12 * (1 + abs(point.logLikelihood))
    for _ in 0..<40 {
      let trial = zip(point.coefficients, step).map { $0 + length * $1 }
      let next = try? evaluate(trial, penalty: penalty, columnSizes: point.columnSizes)
      if let next, next.logLikelihood >= point.logLikelihood - allowance { return next }
      length /= 2
    }
    return nil
  }

  func evaluate(
    _ coefficients: [Double],
    penalty: LikelihoodPenalty,
    columnSizes: [Double]
  ) throws(BiostatisticsError) -> LikelihoodPoint {
    let sums = sums(at: coefficients)
    let factor = try Cholesky(sums.information)
    var point = LikelihoodPoint(
      coefficients: coefficients,
      columnSizes: columnSizes,
      factor: factor,
      stepInformation: sums.information,
      score: sums.score,
      logLikelihood: sums.logLikelihood
    )
    if penalty == .jeffreys {
      point.logLikelihood += factor.logDeterminant / 2
      // In large cohorts leverages are small, and the augmentation makes no difference.
      let isLarge = rowCount >= 500 * termCount
      let penalised = penalisedSums(
        at: coefficients,
        factor: factor,
        withInformation: !isLarge
      )
      point.score = penalised.score
      if !isLarge || penalised.largestLeverage > 0.1 {
        point.stepInformation =
          isLarge
          ? penalisedSums(at: coefficients, factor: factor, withInformation: true).information
          : penalised.information
      }
    }
    guard point.logLikelihood.isFinite else { throw .notConverged(iterations: 0) }
    return point
  }
}
