// SPDX-License-Identifier: Apache-2.0
import Biostatistics

/// Other ways to state what a publication printed; none is used for an estimate of our own.
enum PublishedIntervals {
  private static let normal = 1.959963984540054

  /// Limits of an AUC by Hanley and McNeil's standard error with counted Q1 and Q2.
  ///
  /// Source: Hanley & McNeil, Radiology 1982;143:29–36, doi:10.1148/radiology.143.1.7063747.
  static func hanleyMcNeil(
    _ area: Double,
    risks: [Double],
    outcomes: [Bool]
  ) -> (low: Double, high: Double)? {
    let cases = risks.indices.filter { outcomes[$0] }.map { risks[$0] }
    let others = risks.indices.filter { !outcomes[$0] }.map { risks[$0] }
    guard !cases.isEmpty, !others.isEmpty else { return nil }
    let (m, n) = (Double(cases.count), Double(others.count))
    let first = share(others) { other in (cases.count { $0 > other }, cases.count { $0 == other }) }
    let second = share(cases) { own in (others.count { $0 < own }, others.count { $0 == own }) }
    let (q1, q2) = (first / (n * m * m), second / (m * n * n))
    let square = area * area
    let variance =
      (area * (1 - area) + (m - 1) * (q1 - square) + (n - 1) * (q2 - square)) / (m * n)
    guard variance >= 0 else { return nil }
    let margin = normal * variance.squareRoot()
    return (area - margin, area + margin)
  }

  /// The sum of squared counts of pairs, ties by thirds.
  private static func share(_ values: [Double], _ counts: (Double) -> (Int, Int)) -> Double {
    values.reduce(0) { sum, value in
      let (beyond, tied) = counts(value)
      let (a, b) = (Double(beyond), Double(tied))
      return sum + a * a + a * b + b * b / 3
    }
  }

  /// Clopper and Pearson's limits with AUC × n as if it were a count of patients.
  ///
  /// Source: Clopper & Pearson, Biometrika 1934;26:404–413, doi:10.1093/biomet/26.4.404.
  static func exactBinomial(_ area: Double, n: Int) -> (low: Double, high: Double)? {
    let successes = area * Double(n)
    guard successes > 0, successes < Double(n),
      let low = try? Beta(alpha: successes, beta: Double(n) - successes + 1).quantile(0.025),
      let high = try? Beta(alpha: successes + 1, beta: Double(n) - successes).quantile(0.975)
    else { return nil }
    return (low, high)
  }

  /// Predictive values by Bayes' rule.
  static func predictiveValues(
    sensitivity: Double,
    specificity: Double,
    prevalence: Double
  ) -> (ppv: Double, npv: Double) {
    let (sick, well) = (prevalence, 1 - prevalence)
    let positive = sensitivity * sick + (1 - specificity) * well
    let negative = specificity * well + (1 - sensitivity) * sick
    return (sensitivity * sick / positive, specificity * well / negative)
  }
}
