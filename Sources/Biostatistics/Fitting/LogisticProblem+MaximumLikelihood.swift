// SPDX-License-Identifier: Apache-2.0

extension LogisticProblem {
  /// The unpenalised maximum, after making sure that the columns have full rank and it exists.
  ///
  /// Under separation the fitted risks of some rows run to 0 or 1, so the exact but costlier
  /// linear programme is asked only when a risk comes that near, or when the iteration fails.
  ///
  /// - Parameters:
  ///   - start: Starting values (shape: p).
  ///   - options: Tolerance and limit.
  ///   - lastStep: As in `maximise`.
  /// - Returns: The maximum.
  /// - Throws: `BiostatisticsError`.
  /// - Returns: The maximum at full convergence.
  /// - Throws: `rankDeficient`, `separated`, `notConverged` or `notPositiveDefinite`.
  func maximumLikelihood(
    start: [Double]? = nil,
    options: CheckedLogisticOptions,
    lastStep: Double = 0
  ) throws(BiostatisticsError) -> LikelihoodMaximum {
    let start = start ?? startingValues(options: options)
    let maximum: LikelihoodMaximum
    do throws(BiostatisticsError) {
      maximum = try maximise(
        penalty: .none,
        start: start,
        options: options,
        lastStep: lastStep
      )
    } catch {
      try checkRank()
      try refuseSeparation()
      throw error
    }
    // An information that is clearly regular spares the test of the columns themselves.
    if !maximum.factor.isClearlyRegular { try checkRank() }
    if largestShift(maximum.coefficients) > 12, !isHeldByModerateRows(maximum) {
      try refuseSeparation()
    }
    return maximum
  }

  /// Starting values: 0, or for many rows the estimates of every sixteenth block of them.
  ///
  /// They save most of the passes over all rows; the maximum does not depend on them.
  func startingValues(options: CheckedLogisticOptions) -> [Double] {
    let zeros = [Double](repeating: 0, count: termCount)
    let block = 64
    let share = 16
    guard rowCount >= block * share * max(8, termCount) else { return zeros }
    var sample: [Range<Int>] = []
    var position = 0
    for range in ranges {
      for start in Swift.stride(from: range.lowerBound, to: range.upperBound, by: block) {
        if position % share == 0 { sample.append(start..<min(start + block, range.upperBound)) }
        position += 1
      }
    }
    let part = restricted(to: sample)
    let rough = CheckedLogisticOptions(
      maximumIterations: 25,
      tolerance: 0.1,
      confidence: options.confidence,
      criticalValue: options.criticalValue
    )
    let start = part.startingValues(options: options)
    return (try? part.maximise(penalty: .none, start: start, options: rough).coefficients) ?? zeros
  }

  /// Whether the rows with moderate predictors alone determine every coefficient.
  ///
  /// At a maximum that only rounding made finite, the rows a direction separates have predictors
  /// far beyond 12, and all others are orthogonal to it. If the others have full rank, there is
  /// no such direction.
  private func isHeldByModerateRows(_ maximum: LikelihoodMaximum) -> Bool {
    sums(at: maximum.coefficients, limit: 12).information.isClearlyPositiveDefinite
  }

  /// The deviance of the intercept and offset alone.
  func nullDeviance(options: CheckedLogisticOptions) throws(BiostatisticsError) -> Double {
    guard offset != nil else {
      let (events, all) = totals
      let share = events / all
      return -2 * all * (share * log(share) + (1 - share) * log1p(-share))
    }
    return -2
      * (try interceptAlone(offset: offset)
        .maximise(penalty: .none, start: [0], options: options).logLikelihood)
  }

  /// The same rows without predictors, with another offset.
  func interceptAlone(offset: [Double]?) -> LogisticProblem {
    LogisticProblem(
      terms: [Coefficient.interceptTerm],
      values: [],
      outcomes: outcomes,
      weights: weights,
      offset: offset,
      ranges: ranges
    )
  }

  private func refuseSeparation() throws(BiostatisticsError) {
    let separation = try Separation.detect(self)
    guard separation.kind != .none else { return }
    throw .separated(separation.kind, columns: separation.columns)
  }
}
