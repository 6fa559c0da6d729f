// SPDX-License-Identifier: Apache-2.0

/// Sums over the risk sets of a proportional-hazards model at one vector of coefficients.
///
/// Under Efron's ties the k-th of d events at one time meets the risk set less k/d of the tied
/// events. With s the sum of risks and e that of the tied events, every sum over k is one of
/// Σ 1/(s − ke/d), its kin with squares, and their multiples of k/d.
struct RiskSums {
  /// What was subtracted from the linear predictor before it was exponentiated.
  let shift: Double
  /// e^(linear predictor − shift) (shape: n).
  private(set) var risks: [Double]
  /// Each row's share of all risk sets (shape: n).
  private(set) var rowWeights: [Double]
  private(set) var logLikelihood = 0.0
  /// The hazard increment at each moment, of a row with linear predictor `shift`.
  private(set) var hazard: [Double]
  /// Σ 1/(s − ke/d)², and the same with factors k/d and (k/d)², at each moment with events.
  private var squares: [(plain: Double, once: Double, twice: Double)] = []
  /// The moments with events.
  private var eventMoments: [Int] = []

  init(_ problem: CoxProblem, linearPredictor: [Double]) {
    let shift = linearPredictor.reduce(-Double.infinity) { max($0, $1) }
    self.shift = shift
    risks = linearPredictor
    risks.withUnsafeMutableBufferPointer { risks in
      for row in risks.indices { risks[row] = exp(risks[row] - shift) }
    }
    rowWeights = risks
    hazard = [Double](repeating: 0, count: problem.moments.count)
    var reduced = hazard
    scan(problem, linearPredictor: linearPredictor, reduced: &reduced)
    weigh(problem, reduced: reduced)
  }

  /// From the last time back: the risk sets, the likelihood and the hazard increments.
  private mutating func scan(
    _ problem: CoxProblem,
    linearPredictor: [Double],
    reduced: inout [Double]
  ) {
    var atRisk = 0.0
    for (index, moment) in problem.moments.enumerated().reversed() {
      var tied = 0.0
      for row in moment.rows {
        atRisk += risks[row]
        guard problem.isEvent[row] else { continue }
        tied += risks[row]
        logLikelihood += linearPredictor[row] - shift
      }
      guard moment.events > 0 else { continue }
      let isEfron = problem.ties == .efron
      let count = isEfron ? moment.events : 1
      let times = isEfron ? 1 : Double(moment.events)
      var square = (plain: 0.0, once: 0.0, twice: 0.0)
      for event in 0..<count {
        let share = Double(event) / Double(count)
        let rest = atRisk - share * tied
        let inverse = times / rest
        logLikelihood -= times * log(rest)
        hazard[index] += inverse
        reduced[index] += (1 - share) * inverse
        square.plain += inverse / rest
        square.once += share * inverse / rest
        square.twice += share * share * inverse / rest
      }
      eventMoments.append(index)
      squares.append(square)
    }
  }

  /// Forwards: the share of every row in the risk sets up to its time.
  private mutating func weigh(_ problem: CoxProblem, reduced: [Double]) {
    var total = 0.0
    for (index, moment) in problem.moments.enumerated() {
      let event = total + reduced[index]
      total += hazard[index]
      for row in moment.rows { rowWeights[row] *= problem.isEvent[row] ? event : total }
    }
  }

  /// Takes away Σ m mᵀ over all events, with m the mean of x in the event's risk set.
  func subtractMeans(_ problem: CoxProblem, from information: inout SymmetricMatrix) {
    let count = eventMoments.count
    var sums: [[Double]] = []
    var tied: [[Double]] = []
    for column in 0..<problem.termCount {
      let (all, some) = columnSums(problem, column: column)
      sums.append(all)
      tied.append(some)
    }
    guard squares.contains(where: { $0.once != 0 }) else {
      // No tied events, or Breslow's: the tied sums have no weight.
      let means = WeightedProducts.compute(
        Array(sums.joined()),
        rowCount: count,
        weights: squares.map(\.plain)
      )
      for row in 0..<problem.termCount {
        for column in 0...row { information[row, column] -= means[row, column] }
      }
      return
    }
    var first = [Double](repeating: 0, count: count)
    var second = first
    for column in 0..<problem.termCount {
      for index in 0..<count {
        let square = squares[index]
        let (all, some) = (sums[column][index], tied[column][index])
        first[index] = square.plain * all - square.once * some
        second[index] = square.twice * some - square.once * all
      }
      for other in 0...column {
        var total = 0.0
        for index in 0..<count {
          total += first[index] * sums[other][index] + second[index] * tied[other][index]
        }
        information[column, other] -= total
      }
    }
  }

  /// Risk-weighted sums of a column over the risk set and over the tied events, at each moment
  /// with events, the last one first.
  private func columnSums(_ problem: CoxProblem, column: Int) -> ([Double], [Double]) {
    var all: [Double] = []
    var some: [Double] = []
    all.reserveCapacity(eventMoments.count)
    some.reserveCapacity(eventMoments.count)
    let start = column * problem.rowCount
    var sum = 0.0
    problem.columns.withUnsafeBufferPointer { columns in
      risks.withUnsafeBufferPointer { risks in
        problem.isEvent.withUnsafeBufferPointer { isEvent in
          for moment in problem.moments.reversed() {
            var tied = 0.0
            for row in moment.rows {
              let term = risks[row] * columns[start + row]
              sum += term
              tied += isEvent[row] ? term : 0
            }
            guard moment.events > 0 else { continue }
            all.append(sum)
            some.append(tied)
          }
        }
      }
    }
    return (all, some)
  }
}
