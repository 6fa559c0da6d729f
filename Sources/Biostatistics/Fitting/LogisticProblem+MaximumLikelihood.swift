// SPDX-License-Identifier: Apache-2.0

extension LogisticProblem {
  /// The unpenalised maximum, after making sure that it exists.
  ///
  /// Under separation the fitted risks of some rows run to 0 or 1, so the exact but costlier
  /// linear programme is asked only when a risk comes that near, or when the iteration fails.
  func maximumLikelihood(
    options: CheckedLogisticOptions
  ) throws(BiostatisticsError) -> LikelihoodMaximum {
    let start = [Double](repeating: 0, count: termCount)
    let maximum: LikelihoodMaximum
    do throws(BiostatisticsError) {
      maximum = try maximise(penalty: .none, start: start, options: options)
    } catch {
      try refuseSeparation()
      throw error
    }
    let isSuspicious = zip(linearPredictor(maximum.coefficients), offset).contains {
      abs($0.0 - $0.1) > 12
    }
    if isSuspicious { try refuseSeparation() }
    return maximum
  }

  /// The deviance of the intercept and offset alone.
  func nullDeviance(options: CheckedLogisticOptions) throws(BiostatisticsError) -> Double {
    guard hasOffset else {
      let share = eventWeight / totalWeight
      return -2 * totalWeight * (share * log(share) + (1 - share) * log1p(-share))
    }
    let empty = try LogisticProblem(
      design: try DesignMatrix(rowCount: rowCount),
      outcomes: outcomes,
      weights: weights,
      offset: offset
    )
    return -2 * (try empty.maximise(penalty: .none, start: [0], options: options).logLikelihood)
  }

  private func refuseSeparation() throws(BiostatisticsError) {
    let separation = try Separation.detect(self)
    guard separation.kind != .none else { return }
    throw .separated(separation.kind, columns: separation.columns)
  }
}
