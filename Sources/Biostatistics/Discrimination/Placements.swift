// SPDX-License-Identifier: Apache-2.0

/// DeLong's placement values: for every case the share of controls below it, and for every
/// control the share of cases above it, with ties as one half.
struct Placements: Sendable {
  /// The placement of every patient, in input order.
  private let values: [Double]
  private let outcomes: [Bool]
  let auc: AUC

  /// Computes them from the order of the scores, in O(n).
  init(scores: [Double], outcomes: [Bool]) throws(BiostatisticsError) {
    let counts = try ScoredOutcomes.check(scores: scores, outcomes: outcomes)
    let order = ScoreOrder.ascending(scores)
    var values = [Double](repeating: 0, count: scores.count)
    var sums = PlacementSums(cases: counts.cases, controls: counts.controls)
    var start = 0
    while start < order.count {
      let score = scores[Int(order[start])]
      var end = start
      var tiedCases = 0
      while end < order.count, scores[Int(order[end])] == score {
        tiedCases += outcomes[Int(order[end])] ? 1 : 0
        end += 1
      }
      let placement = sums.add(cases: tiedCases, controls: end - start - tiedCases)
      for position in start..<end {
        let row = Int(order[position])
        values[row] = outcomes[row] ? placement.ofCase : placement.ofControl
      }
      start = end
    }
    self.values = values
    self.outcomes = outcomes
    let area = sums.area
    var squares = (cases: 0.0, controls: 0.0)
    for (value, isCase) in zip(values, outcomes) {
      let square = (value - area) * (value - area)
      if isCase { squares.cases += square } else { squares.controls += square }
    }
    auc = sums.auc(area: area, squares)
  }

  /// The covariance of two areas of the same patients; nil with fewer than two in a class.
  ///
  /// The mean placement of cases, and of controls, is the area.
  func covariance(with other: Placements) -> Double? {
    let cases = auc.caseCount
    let controls = auc.controlCount
    guard cases > 1, controls > 1 else { return nil }
    let (first, second) = (auc.estimate, other.auc.estimate)
    var sums = (cases: 0.0, controls: 0.0)
    for row in values.indices {
      let product = (values[row] - first) * (other.values[row] - second)
      if outcomes[row] { sums.cases += product } else { sums.controls += product }
    }
    return sums.cases / (Double(cases - 1) * Double(cases))
      + sums.controls / (Double(controls - 1) * Double(controls))
  }
}

/// Counts while groups of tied scores go by in ascending order.
struct PlacementSums {
  let cases: Int
  let controls: Int
  private var casesBelow = 0
  private var controlsBelow = 0
  /// Twice the number of pairs in which the case is above, with ties as one half.
  private var twicePairs = 0

  init(cases: Int, controls: Int) {
    self.cases = cases
    self.controls = controls
  }

  /// Adds one group; the placement of its cases and of its controls.
  mutating func add(
    cases tiedCases: Int,
    controls tiedControls: Int
  ) -> (ofCase: Double, ofControl: Double) {
    let below = 2 * controlsBelow + tiedControls
    let above = 2 * (cases - casesBelow) - tiedCases
    twicePairs += tiedCases * below
    casesBelow += tiedCases
    controlsBelow += tiedControls
    return (Double(below) / Double(2 * controls), Double(above) / Double(2 * cases))
  }

  var area: Double { Double(twicePairs) / (2 * Double(cases) * Double(controls)) }

  /// An area with its variance, from the squared deviations of the placements.
  func auc(area: Double, _ squares: (cases: Double, controls: Double)) -> AUC {
    var variance: Double?
    if cases > 1, controls > 1 {
      variance =
        squares.cases / (Double(cases - 1) * Double(cases))
        + squares.controls / (Double(controls - 1) * Double(controls))
    }
    return AUC(
      estimate: area,
      variance: variance,
      caseCount: cases,
      controlCount: controls
    )
  }
}
