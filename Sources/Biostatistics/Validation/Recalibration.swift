// SPDX-License-Identifier: Apache-2.0

/// How far a model must be updated for new patients: as it is, a new intercept, a new intercept
/// and slope, or all coefficients anew.
///
/// The closed test asks in this order whether the refitted model is better at the given level
/// (likelihood ratio against the original on p + 1 degrees of freedom, against the new intercept
/// on p, against intercept and slope on p − 1) and takes the first model that is not rejected.
///
/// Source: Vergouwe et al., Stat Med 2017;36:4529–4539, doi:10.1002/sim.7179.
public struct Recalibration: Equatable, Sendable {
  /// The updates, from none to all.
  public enum Update: String, Equatable, Hashable, Codable, CaseIterable, Sendable {
    /// The model as it is.
    case original
    /// A new intercept.
    case inTheLarge
    /// A new intercept and a common factor for all slopes.
    case logistic
    /// New estimates of all coefficients.
    case refit
  }

  /// The linear predictor of the original model (shape: n).
  public let linearPredictor: [Double]
  /// The deviance of the original model.
  public let originalDeviance: Double
  /// What is added to the intercept, with the linear predictor as offset.
  public let inTheLarge: Estimate
  /// The deviance after it.
  public let inTheLargeDeviance: Double
  /// The new intercept of logistic recalibration.
  public let logisticIntercept: Estimate
  /// The factor of all slopes.
  public let logisticSlope: Estimate
  /// The deviance after logistic recalibration.
  public let logisticDeviance: Double
  /// The refitted model.
  public let refit: LogisticFit
  /// The refitted against the original model.
  public let originalTest: TestResult
  /// The refitted against the model with a new intercept.
  public let inTheLargeTest: TestResult
  /// The refitted against the recalibrated model; nil with one column, where they are the same.
  public let logisticTest: TestResult?
  /// The update the closed test takes.
  public let chosen: Update

  /// The coefficients after an update, the intercept first.
  ///
  /// - Parameters:
  ///   - update: The update.
  ///   - original: The original coefficients, the intercept first.
  /// - Returns: As many coefficients.
  public func coefficients(_ update: Update, original: [Double]) -> [Double] {
    switch update {
    case .original: return original
    case .inTheLarge:
      var updated = original
      if !updated.isEmpty { updated[0] += inTheLarge.value }
      return updated
    case .logistic:
      var updated = original.map { $0 * logisticSlope.value }
      if !updated.isEmpty { updated[0] += logisticIntercept.value }
      return updated
    case .refit: return refit.estimates
    }
  }

  /// Fits all updates and tests them.
  ///
  /// - Parameters:
  ///   - design: The model's predictors (shape: n × p), at least one.
  ///   - outcomes: Observed events (shape: n), of both kinds.
  ///   - coefficients: The original model, the intercept first (shape: p + 1).
  ///   - level: The level of the closed test, in (0, 1).
  /// - Returns: The ladder of updates and the one taken.
  /// - Throws: `countsDiffer`, `notFinite`, `outOfRange`, `tooFew` without columns, or as
  ///   `LogisticFit.fit` for any of the models.
  public static func measure(
    _ design: DesignMatrix,
    outcomes: [Bool],
    coefficients: [Double],
    level: Double = 0.05
  ) throws(BiostatisticsError) -> Recalibration {
    let width = design.columnCount
    guard width > 0 else { throw .tooFew(what: "predictors", needed: 1, found: 0) }
    guard coefficients.count == width + 1 else {
      throw .countsDiffer(expected: width + 1, found: coefficients.count)
    }
    if let position = coefficients.firstIndex(where: { !$0.isFinite }) {
      throw .notFinite(input: "coefficients", position: position)
    }
    guard level > 0, level < 1 else { throw .outOfRange(parameter: "level", value: level) }
    let problem = try LogisticProblem(
      design: design,
      outcomes: outcomes.map { $0 ? 1 : 0 },
      weights: nil,
      offset: nil
    )
    let predictor = problem.linearPredictor(coefficients)
    let line = try DesignMatrix(columnNames: ["linear predictor"], columns: [predictor])
    let shift = try LogisticFit.fit(
      try DesignMatrix(rowCount: design.rowCount),
      outcomes: outcomes,
      offset: predictor
    )
    return try Recalibration(
      predictor: predictor,
      original: -2 * problem.sums(at: coefficients).logLikelihood,
      shift: shift,
      logistic: LogisticFit.fit(line, outcomes: outcomes),
      refit: LogisticFit.fit(design, outcomes: outcomes),
      level: level
    )
  }

  private init(
    predictor: [Double],
    original: Double,
    shift: LogisticFit,
    logistic: LogisticFit,
    refit: LogisticFit,
    level: Double
  ) throws(BiostatisticsError) {
    linearPredictor = predictor
    originalDeviance = original
    inTheLarge = shift.estimate(at: 0)
    inTheLargeDeviance = shift.deviance
    logisticIntercept = logistic.estimate(at: 0)
    logisticSlope = logistic.estimate(at: 1)
    logisticDeviance = logistic.deviance
    self.refit = refit
    let width = refit.terms.count - 1
    func test(_ deviance: Double, _ freedom: Int) throws(BiostatisticsError) -> TestResult {
      try ChiSquared(degreesOfFreedom: Double(freedom)).test(max(0, deviance - refit.deviance))
    }
    originalTest = try test(original, width + 1)
    inTheLargeTest = try test(shift.deviance, width)
    logisticTest = width > 1 ? try test(logistic.deviance, width - 1) : nil
    if originalTest.p >= level {
      chosen = .original
    } else if inTheLargeTest.p >= level {
      chosen = .inTheLarge
    } else {
      chosen = (logisticTest?.p ?? 1) >= level ? .logistic : .refit
    }
  }
}
