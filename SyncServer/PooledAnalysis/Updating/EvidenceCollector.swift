// SPDX-License-Identifier: Apache-2.0
import Biostatistics
import Foundation

/// Gathers what left-out sites say of a candidate, one site after another.
struct EvidenceCollector {
  private var sites: [SiteComparison] = []
  private var slopes: [Estimate] = []
  private var ratios: [Estimate] = []
  private var concordanceGain = 0.0
  private var pairs = 0.0

  /// Adds a site, predicted by the candidate and by the incumbent.
  ///
  /// - Parameters:
  ///   - name: The site's code.
  ///   - step: How the candidate came about without this site.
  ///   - rows: The site's patients.
  ///   - new: The candidate's linear predictor (shape: as the rows).
  ///   - old: The incumbent's.
  mutating func add(
    _ name: String,
    step: UpdateStep,
    rows: PatternTable.Rows,
    new: [Double],
    old: [Double]
  ) {
    sites.append(Self.comparison(name, step, rows, new, old))
    if let slope = try? rows.slope(new) { slopes.append(slope) }
    if let ratio = try? rows.logObservedToExpected(new) { ratios.append(ratio) }
    let (own, others) = (rows.concordance(new), rows.concordance(old))
    concordanceGain += own.concordant - others.concordant
    pairs += own.pairs
  }

  /// The evidence, pooled.
  func evidence(step: UpdateStep, events: Int, nonEvents: Int) -> UpdateEvidence {
    var result = UpdateEvidence(
      step: step,
      events: events,
      nonEvents: nonEvents,
      sites: sites,
      netBenefit: [],
      separatedFits: 0
    )
    result.logLossDifference = .pool(sites)
    result.slope = .pool(slopes, scale: "identity") { $0 }
    result.oe = .pool(ratios, scale: "log") { exp($0) }
    result.aucDifference = pairs > 0 ? concordanceGain / pairs : nil
    return result
  }

  private static func comparison(
    _ name: String,
    _ step: UpdateStep,
    _ rows: PatternTable.Rows,
    _ new: [Double],
    _ old: [Double]
  ) -> SiteComparison {
    let n = rows.n
    var (newSum, oldSum, squares) = (0.0, 0.0, 0.0)
    for place in new.indices {
      let own = PatternTable.loss(new[place], rows.outcomes[place])
      let other = PatternTable.loss(old[place], rows.outcomes[place])
      newSum += rows.counts[place] * own
      oldSum += rows.counts[place] * other
      squares += rows.counts[place] * (own - other) * (own - other)
    }
    let difference = (newSum - oldSum) / n
    let spread = n > 1 ? max(0, squares - n * difference * difference) / (n - 1) : 0
    let se = (spread / n).squareRoot()
    let factor = 1.959963984540054
    return SiteComparison(
      site: name,
      n: Int(n),
      events: Int(rows.events),
      step: step,
      logLoss: newSum / n,
      incumbentLogLoss: oldSum / n,
      difference: difference,
      se: se,
      low: difference - factor * se,
      high: difference + factor * se
    )
  }
}
