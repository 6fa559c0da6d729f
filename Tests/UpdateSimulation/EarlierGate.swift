// SPDX-License-Identifier: Apache-2.0
import PooledAnalysis

/// The gate that this one replaced, kept as a mutant that the simulation must fail.
///
/// It asked whether the refit fits better than the incumbent by a likelihood-ratio test, which
/// takes patients of a site for independent, and whether intervals of pooled calibration include
/// what is wanted, which few patients make easier.
enum EarlierGate {
  static func passes(_ update: ModelUpdate) -> Bool {
    guard let test = update.incumbentTest, test < 0.05 else { return false }
    let evidence = update.ladderEvidence
    func holds(_ pooled: PooledEstimate?) -> Bool {
      pooled.map { $0.low <= 1.25 && $0.high >= 0.8 } ?? false
    }
    return holds(evidence.slope) && holds(evidence.oe)
      && (evidence.aucDifference ?? -1) > -0.02
  }
}
