// SPDX-License-Identifier: Apache-2.0
import Biostatistics
import Foundation

extension PatternTable.Rows {
  /// Maximum likelihood on these rows.
  func logistic() throws(BiostatisticsError) -> LogisticFit {
    try LogisticFit.fit(design(), outcomes: outcomes, weights: counts)
  }

  /// A new intercept, with a linear predictor as offset.
  func shift(_ predictor: [Double]) throws(BiostatisticsError) -> LogisticFit {
    try LogisticFit.fit(
      try DesignMatrix(rowCount: terms.count),
      outcomes: outcomes,
      weights: counts,
      offset: predictor
    )
  }

  /// A new intercept and a factor for a linear predictor.
  func line(_ predictor: [Double]) throws(BiostatisticsError) -> LogisticFit {
    let design = try DesignMatrix(columnNames: ["linear predictor"], columns: [predictor])
    return try LogisticFit.fit(design, outcomes: outcomes, weights: counts)
  }

  /// −2 log likelihood at a linear predictor.
  func deviance(_ predictor: [Double]) -> Double {
    predictor.indices.reduce(0) {
      $0 + 2 * counts[$1] * PatternTable.loss(predictor[$1], outcomes[$1])
    }
  }

  /// The calibration slope.
  func slope(_ predictor: [Double]) throws(BiostatisticsError) -> Estimate {
    let row = try line(predictor).coefficients[1]
    return Estimate(value: row.estimate, standardError: row.standardError)
  }

  /// The intercept with the linear predictor as offset.
  func inTheLarge(_ predictor: [Double]) throws(BiostatisticsError) -> Estimate {
    let row = try shift(predictor).coefficients[0]
    return Estimate(value: row.estimate, standardError: row.standardError)
  }

  /// The logarithm of O:E.
  func logObservedToExpected(_ predictor: [Double]) throws(BiostatisticsError) -> Estimate {
    let expected = predictor.indices.reduce(0) {
      $0 + counts[$1] * Logit.inverse(predictor[$1])
    }
    return try ObservedToExpected(observed: Int(events), expected: expected, count: Int(n))
      .logarithm()
  }

  /// Concordant pairs plus half the tied ones, and all pairs.
  func concordance(_ predictor: [Double]) -> (concordant: Double, pairs: Double) {
    let order = predictor.indices.sorted { predictor[$0] < predictor[$1] }
    var (below, concordant, start) = (0.0, 0.0, 0)
    while start < order.count {
      var (tiedEvents, tiedOthers, end) = (0.0, 0.0, start)
      while end < order.count, predictor[order[end]] == predictor[order[start]] {
        let place = order[end]
        if outcomes[place] { tiedEvents += counts[place] } else { tiedOthers += counts[place] }
        end += 1
      }
      concordant += tiedEvents * (below + tiedOthers / 2)
      below += tiedOthers
      start = end
    }
    return (concordant, events * below)
  }
}
