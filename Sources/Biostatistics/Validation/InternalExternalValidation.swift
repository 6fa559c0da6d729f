// SPDX-License-Identifier: Apache-2.0

/// Internal–external cross-validation: each site is predicted by a model of all other sites, and
/// the performance at the sites is pooled.
///
/// Source: Royston et al., Stat Med 2004;23:907–926, doi:10.1002/sim.1691; Debray et al., Stat Med
/// 2013;32:3158–3180, doi:10.1002/sim.5732.
public struct InternalExternalValidation: Equatable, Sendable {
  /// How the models are fitted.
  public enum Fitting: String, Equatable, Hashable, Codable, CaseIterable, Sendable {
    /// Maximum likelihood.
    case maximumLikelihood
    /// Firth's penalised likelihood, predicting with its own intercept.
    case firth
  }

  /// A measure of performance on the scale on which it is pooled.
  public enum Measure: String, Equatable, Hashable, Codable, CaseIterable, Sendable {
    /// The log odds of the area under the curve.
    case logitAUC
    /// The calibration slope.
    case slope
    /// Calibration-in-the-large.
    case inTheLarge
    /// The log ratio of observed to expected events.
    case logObservedToExpected
  }

  /// A site's performance under the model of the other sites.
  public struct Site: Equatable, Sendable {
    /// The site left out.
    public let name: String
    /// Its number of patients.
    public let count: Int
    /// Its number of events.
    public let events: Int
    /// The model of the other sites, the intercept first.
    public let coefficients: [Double]
    /// Discrimination at the site.
    public let auc: AUC
    /// Calibration at the site.
    public let calibration: Calibration

    /// The site's effect to be pooled.
    ///
    /// - Throws: `zeroVariance` for an area of 0 or 1, `tooFew` with one case or control.
    public func effect(_ measure: Measure) throws(BiostatisticsError) -> Estimate {
      switch measure {
      case .logitAUC: try auc.logit()
      case .slope: calibration.slope
      case .inTheLarge: calibration.inTheLarge
      case .logObservedToExpected: try calibration.observedToExpected.logarithm()
      }
    }
  }

  /// A site that could not be validated.
  public struct Refusal: Equatable, Sendable {
    /// The site left out.
    public let name: String
    /// Why: `noEvents` or `noNonEvents` at the site, or no fit to the other sites.
    public let reason: BiostatisticsError
  }

  /// The terms of the models, the intercept first.
  public let terms: [String]
  /// The sites validated, in the order in which they first appear.
  public let sites: [Site]
  /// The sites that could not be validated.
  public let refusals: [Refusal]

  /// Pools one measure over the sites where it exists.
  ///
  /// - Throws: As `RandomEffects.pool`.
  public func pool(
    _ measure: Measure,
    estimator: RandomEffects.Estimator = .restrictedMaximumLikelihood,
    inference: RandomEffects.Inference = .hartungKnapp
  ) throws(BiostatisticsError) -> RandomEffects {
    try RandomEffects.pool(
      sites.compactMap { try? $0.effect(measure) },
      estimator: estimator,
      inference: inference
    )
  }
}

extension InternalExternalValidation {
  /// Validates.
  ///
  /// - Parameters:
  ///   - design: The predictors (shape: n × p).
  ///   - outcomes: Observed events (shape: n).
  ///   - sites: The site of each patient (shape: n), at least two different ones.
  ///   - fitting: How the models are fitted.
  /// - Returns: The performance at each site.
  /// - Throws: `tooFew` with a single site, `noEvents`, `noNonEvents`, `rankDeficient` for all
  ///   sites together, or a refusal of malformed input.
  public static func measure(
    _ design: DesignMatrix,
    outcomes: [Bool],
    sites: [String],
    fitting: Fitting = .maximumLikelihood
  ) throws(BiostatisticsError) -> InternalExternalValidation {
    guard sites.count == design.rowCount else {
      throw .countsDiffer(expected: design.rowCount, found: sites.count)
    }
    var labels: [String: Int] = [:]
    var names: [String] = []
    let keys = sites.map { site in
      if let known = labels[site] { return known }
      labels[site] = names.count
      names.append(site)
      return names.count - 1
    }
    guard names.count > 1 else { throw .tooFew(what: "sites", needed: 2, found: names.count) }
    let rows = try SiteRows(design, outcomes: outcomes, keys: keys, fitting: fitting)
    var validated: [Site] = []
    var refusals: [Refusal] = []
    for (index, name) in names.enumerated() {
      do throws(BiostatisticsError) {
        validated.append(try rows.validate(index, name: name))
      } catch {
        refusals.append(Refusal(name: name, reason: error))
      }
    }
    return InternalExternalValidation(
      terms: rows.problem.terms,
      sites: validated,
      refusals: refusals
    )
  }
}

/// The patients ordered by site, so that all but one site are two ranges of rows.
private struct SiteRows {
  let problem: LogisticProblem
  private let ranges: [Range<Int>]
  private let fitting: InternalExternalValidation.Fitting
  private let options: CheckedLogisticOptions
  /// The estimates of all sites together, from which the others start.
  private let start: [Double]?

  init(
    _ design: DesignMatrix,
    outcomes: [Bool],
    keys: [Int],
    fitting: InternalExternalValidation.Fitting
  ) throws(BiostatisticsError) {
    let original = try LogisticProblem(
      design: design,
      outcomes: outcomes.map { $0 ? 1 : 0 },
      weights: nil,
      offset: nil
    )
    let groups = RowGroups(keys)
    let count = design.rowCount
    var values: [Double] = []
    values.reserveCapacity(design.values.count)
    design.values.withUnsafeBufferPointer { source in
      for column in 0..<design.columnCount {
        let start = column * count
        for row in groups.order { values.append(source[start + row]) }
      }
    }
    problem = LogisticProblem(
      terms: original.terms,
      values: values,
      outcomes: groups.order.map { original.outcomes[$0] },
      weights: nil
    )
    ranges = groups.ranges
    self.fitting = fitting
    options = try LogisticOptions().checked()
    try problem.checkRank()
    start = try? problem.maximumLikelihood(options: options).coefficients
  }

  func validate(
    _ index: Int,
    name: String
  ) throws(BiostatisticsError) -> InternalExternalValidation.Site {
    let left = ranges[index]
    let others = [0..<left.lowerBound, left.upperBound..<problem.rowCount]
    let training = problem.restricted(to: others.filter { !$0.isEmpty })
    let coefficients = try fit(training)
    let risks = problem.restricted(to: [left]).linearPredictor(coefficients)
      .map { Logit.inverse($0) }
    let observed = problem.outcomes[left].map { $0 == 1 }
    return InternalExternalValidation.Site(
      name: name,
      count: left.count,
      events: observed.count { $0 },
      coefficients: coefficients,
      auc: try AUC.measure(scores: risks, outcomes: observed),
      calibration: try Calibration.measure(risks: risks, outcomes: observed)
    )
  }

  private func fit(_ training: LogisticProblem) throws(BiostatisticsError) -> [Double] {
    let (events, all) = training.totals
    guard events > 0 else { throw .noEvents(count: Int(all)) }
    guard events < all else { throw .noNonEvents(count: Int(all)) }
    switch fitting {
    case .maximumLikelihood:
      return try training.maximumLikelihood(start: start, options: options).coefficients
    case .firth:
      try training.checkRank()
      let start = training.startingValues(options: options)
      return try training.maximise(penalty: .jeffreys, start: start, options: options)
        .coefficients
    }
  }
}
