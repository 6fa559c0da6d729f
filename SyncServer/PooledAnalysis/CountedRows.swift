// SPDX-License-Identifier: Apache-2.0
import Biostatistics

/// Patients with equal terms and outcome, counted once: a resample of a model of thresholds has a
/// handful of distinct rows, whatever its size.
struct CountedRows {
  private(set) var terms: [[Double]] = []
  private(set) var outcomes: [Bool] = []
  private(set) var counts: [Double] = []
  /// The distinct row of each patient, in the patients' order.
  private var places: [Int] = []

  init(terms: [[Double]], outcomes: [Bool]) {
    var known: [[Double]: Int] = [:]
    for (own, outcome) in zip(terms, outcomes) {
      let key = own + [outcome ? 1 : 0]
      let place = known[key] ?? self.terms.count
      if known.updateValue(place, forKey: key) == nil {
        self.terms.append(own)
        self.outcomes.append(outcome)
        counts.append(0)
      }
      counts[place] += 1
      places.append(place)
    }
  }

  /// The patients with these numbers, each as often as it is named.
  func selecting(_ patients: [Int]) -> CountedRows {
    var totals = Array(repeating: 0.0, count: terms.count)
    for patient in patients { totals[places[patient]] += 1 }
    var result = self
    let kept = terms.indices.filter { totals[$0] > 0 }
    result.terms = kept.map { terms[$0] }
    result.outcomes = kept.map { outcomes[$0] }
    result.counts = kept.map { totals[$0] }
    result.places = []
    return result
  }

  func fit(
    _ method: FittedModel.Method,
    names: [String]
  ) throws(BiostatisticsError) -> FittedModel {
    try FittedModel(
      method,
      names: names,
      terms: terms,
      outcomes: outcomes,
      weights: counts,
      hasProfileLimits: false
    )
  }
}

extension CountedRows {
  /// Concordant pairs plus half the tied ones, over all pairs.
  func auc(_ risks: [Double]) throws(BiostatisticsError) -> Double {
    let order = risks.indices.sorted { risks[$0] < risks[$1] }
    var (below, concordant, events) = (0.0, 0.0, 0.0)
    var start = 0
    while start < order.count {
      var (tiedEvents, tiedOthers, end) = (0.0, 0.0, start)
      while end < order.count, risks[order[end]] == risks[order[start]] {
        let place = order[end]
        if outcomes[place] { tiedEvents += counts[place] } else { tiedOthers += counts[place] }
        end += 1
      }
      concordant += tiedEvents * (below + tiedOthers / 2)
      below += tiedOthers
      events += tiedEvents
      start = end
    }
    guard events > 0 else { throw .noEvents(count: Int(below)) }
    guard below > 0 else { throw .noNonEvents(count: Int(events)) }
    return concordant / (events * below)
  }

  /// The calibration slope.
  func slope(_ risks: [Double]) throws(BiostatisticsError) -> Double {
    var logits: [Double] = []
    for risk in risks { logits.append(Logit.of(risk)) }
    let design = try DesignMatrix(columnNames: ["linear predictor"], columns: [logits])
    return try LogisticFit.fit(design, outcomes: outcomes, weights: counts).coefficients[1].estimate
  }

  /// The mean squared difference of risk and outcome.
  func brier(_ risks: [Double]) -> Double {
    let sum = risks.indices.reduce(0.0) { sum, place in
      let error = risks[place] - (outcomes[place] ? 1 : 0)
      return sum + counts[place] * error * error
    }
    return sum / counts.reduce(0, +)
  }
}
