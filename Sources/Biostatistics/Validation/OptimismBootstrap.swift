// SPDX-License-Identifier: Apache-2.0

/// The work of one resample: a fit to its frequencies, measured on them and on the original.
struct OptimismBootstrap: Sendable {
  typealias Measures = OptimismCorrection.Measures
  typealias Outcome = Result<Resample, BiostatisticsError>

  /// What one resample yields.
  struct Resample: Sendable {
    let training: Measures
    let test: Measures
  }

  let patterns: RowPatterns
  private let procedure: OptimismCorrection.Procedure
  private let options: CheckedLogisticOptions
  private let start: [Double]
  private let apparent: Measures

  init(
    _ design: DesignMatrix,
    outcomes: [Bool],
    procedure: OptimismCorrection.Procedure
  ) throws(BiostatisticsError) {
    if case .stepwise(_, let penalty) = procedure, !(penalty > 0 && penalty.isFinite) {
      throw .outOfRange(parameter: "penaltyPerTerm", value: penalty)
    }
    let problem = try LogisticProblem(
      design: design,
      outcomes: outcomes.map { $0 ? 1 : 0 },
      weights: nil,
      offset: nil
    )
    try problem.checkRank()
    patterns = RowPatterns(problem)
    self.procedure = procedure
    options = try LogisticOptions(tolerance: 1e-9).checked()
    let all = patterns.problem(weights: patterns.counts)
    let model = try Self.fit(all, procedure: procedure, start: nil, options: options)
    start = model
    let scored = ScoredPatterns(patterns.problem, coefficients: model)
    apparent = try scored.measures(weights: patterns.counts, options: options)
  }

  /// The results of the resamples of a seed.
  func results(_ range: Range<Int>, seed: UInt64) -> [Outcome] {
    range.map {
      result(weights: patterns.weights(ResamplingStream(seed: seed, resample: $0)))
    }
  }

  /// The result of one resample given by its frequencies.
  func result(weights: [Double]) -> Outcome {
    do throws(BiostatisticsError) {
      let problem = patterns.occurring(weights: weights)
      let (events, all) = problem.totals
      guard events > 0 else { throw .noEvents(count: Int(all)) }
      guard events < all else { throw .noNonEvents(count: Int(all)) }
      let model = try Self.fit(problem, procedure: procedure, start: start, options: options)
      let scored = ScoredPatterns(patterns.problem, coefficients: model)
      var training = Measures(auc: 0, slope: 1, jointIntercept: 0, inTheLarge: 0, brier: 0)
      // A maximum of the likelihood calibrates itself on its own data, exactly.
      if procedure == .firth {
        training = try scored.measures(weights: weights, options: options)
      } else {
        scored.discriminate(weights: weights, into: &training)
      }
      let test = try scored.measures(weights: patterns.counts, options: options)
      return .success(Resample(training: training, test: test))
    } catch {
      return .failure(error)
    }
  }

  /// The coefficients of a model, 0 for columns that were not selected.
  private static func fit(
    _ problem: LogisticProblem,
    procedure: OptimismCorrection.Procedure,
    start: [Double]?,
    options: CheckedLogisticOptions
  ) throws(BiostatisticsError) -> [Double] {
    switch procedure {
    case .maximumLikelihood:
      return try problem.maximumLikelihood(start: start, options: options, lastStep: 1e-5)
        .coefficients
    case .firth:
      try problem.checkRank()
      let zeros = [Double](repeating: 0, count: problem.termCount)
      return try problem.maximise(penalty: .jeffreys, start: zeros, options: options)
        .coefficients
    case .stepwise(let direction, let penalty):
      let search = StepwiseSearch(
        problem: problem,
        direction: direction,
        penaltyPerTerm: penalty,
        options: options
      )
      let found = try search.run()
      var coefficients = [Double](repeating: 0, count: problem.termCount)
      coefficients[0] = found.coefficients[0]
      for (position, column) in found.columns.enumerated() {
        coefficients[column] = found.coefficients[position + 1]
      }
      return coefficients
    }
  }

  func summary(_ results: [Outcome]) throws(BiostatisticsError) -> OptimismCorrection {
    var used: [Resample] = []
    var leftOut: [OptimismCorrection.LeftOut] = []
    for (position, result) in results.enumerated() {
      switch result {
      case .success(let resample): used.append(resample)
      case .failure(let reason):
        leftOut.append(OptimismCorrection.LeftOut(resample: position, reason: reason))
      }
    }
    guard !used.isEmpty else { throw .tooFew(what: "resamples with a fit", needed: 1, found: 0) }
    let training = Measures.mean(used.map(\.training))
    let test = Measures.mean(used.map(\.test))
    let optimism = Measures.combine(training, test, -)
    return OptimismCorrection(
      apparent: apparent,
      meanTraining: training,
      meanTest: test,
      optimism: optimism,
      corrected: Measures.combine(apparent, optimism, -),
      tests: used.map(\.test),
      leftOut: leftOut
    )
  }
}

extension OptimismCorrection.Measures {
  static func combine(
    _ first: Self,
    _ second: Self,
    _ operation: (Double, Double) -> Double
  ) -> Self {
    Self(
      auc: operation(first.auc, second.auc),
      slope: operation(first.slope, second.slope),
      jointIntercept: operation(first.jointIntercept, second.jointIntercept),
      inTheLarge: operation(first.inTheLarge, second.inTheLarge),
      brier: operation(first.brier, second.brier)
    )
  }

  static func mean(_ values: [Self]) -> Self {
    let zero = Self(auc: 0, slope: 0, jointIntercept: 0, inTheLarge: 0, brier: 0)
    let sum = values.reduce(zero) { combine($0, $1, +) }
    return combine(sum, zero) { value, _ in value / Double(values.count) }
  }
}

/// A model's linear predictor on the distinct rows, in ascending order once for all weights.
struct ScoredPatterns {
  private let outcomes: [Double]
  private let predictor: [Double]
  private let risks: [Double]
  private let order: [Int32]

  init(_ problem: LogisticProblem, coefficients: [Double]) {
    outcomes = problem.outcomes
    predictor = problem.linearPredictor(coefficients)
    risks = predictor.map { Logit.inverse($0) }
    order = ScoreOrder.ascending(predictor)
  }

  /// Fills area and Brier score for the given frequencies.
  func discriminate(
    weights: [Double],
    into measures: inout OptimismCorrection.Measures
  ) {
    var (events, others, pairs, squares) = (0.0, 0.0, 0.0, 0.0)
    var start = 0
    while start < order.count {
      let score = predictor[Int(order[start])]
      var (tiedEvents, tiedOthers) = (0.0, 0.0)
      while start < order.count, predictor[Int(order[start])] == score {
        let row = Int(order[start])
        let weight = weights[row]
        let isEvent = outcomes[row] == 1
        if isEvent { tiedEvents += weight } else { tiedOthers += weight }
        let error = isEvent ? 1 - risks[row] : risks[row]
        squares += weight * error * error
        start += 1
      }
      pairs += tiedEvents * (others + tiedOthers / 2)
      events += tiedEvents
      others += tiedOthers
    }
    measures.auc = pairs / (events * others)
    measures.brier = squares / (events + others)
  }

  /// All measures for the given frequencies.
  func measures(
    weights: [Double],
    options: CheckedLogisticOptions
  ) throws(BiostatisticsError) -> OptimismCorrection.Measures {
    var result = OptimismCorrection.Measures(
      auc: 0,
      slope: 1,
      jointIntercept: 0,
      inTheLarge: 0,
      brier: 0
    )
    discriminate(weights: weights, into: &result)
    let plain = CalibrationLine(predictor: predictor, outcomes: outcomes, weights: weights)
    let line = LogisticProblem(
      terms: [Coefficient.interceptTerm, "linear predictor"],
      values: predictor,
      outcomes: outcomes,
      weights: weights
    )
    if let found = plain.interceptAndSlope(tolerance: options.tolerance) {
      (result.jointIntercept, result.slope) = found
    } else {
      let fit = try line.maximumLikelihood(start: [0, 1], options: options)
      (result.jointIntercept, result.slope) = (fit.coefficients[0], fit.coefficients[1])
    }
    if let found = plain.interceptAlone(tolerance: options.tolerance) {
      result.inTheLarge = found
    } else {
      result.inTheLarge = try line.interceptAlone(offset: predictor)
        .maximise(penalty: .none, start: [0], options: options).coefficients[0]
    }
    return result
  }
}

extension Cholesky {
  /// Whether every pivot keeps at least 1e-8 of its diagonal value, far above rounding.
  var isClearlyRegular: Bool {
    (0..<dimension).allSatisfy { row in
      let diagonal = (0...row).reduce(0) { $0 + self[row, $1] * self[row, $1] }
      return self[row, row] * self[row, row] > 1e-8 * diagonal
    }
  }
}
