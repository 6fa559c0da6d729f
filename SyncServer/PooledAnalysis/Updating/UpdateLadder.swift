// SPDX-License-Identifier: Apache-2.0
import Biostatistics

/// The steps of an update fitted to one set of patients, and the one that the closed test takes.
///
/// Recalibration and the test use external patients alone, because the incumbent was fitted to the
/// development patients; re-estimation adds them.
///
/// Source: Vergouwe et al., Stat Med 2017;36:4529–4539, doi:10.1002/sim.7179; Puhr et al.,
/// Stat Med 2017;36:2302–2317, doi:10.1002/sim.7273 for the intercept of the last step.
struct UpdateLadder: Sendable {
  /// The model of a step.
  struct Model: Sendable {
    /// Intercept first.
    let coefficients: [Double]
    /// In the same order.
    let covariance: [[Double]]
  }

  private(set) var models: [UpdateStep: Model] = [:]
  private(set) var tests: [LadderTest] = []
  private(set) var chosen = UpdateStep.keep
  private(set) var failures: [UpdateStep: String] = [:]

  /// Fits the steps.
  ///
  /// - Parameters:
  ///   - table: The patients.
  ///   - site: The site that is left out; nil for none.
  ///   - incumbent: The current model.
  ///   - rules: The steps and the level of the test, which is of all terms.
  ///   - selection: Which terms leave when coefficients are estimated anew.
  init(
    _ table: PatternTable,
    leavingOut site: Int?,
    incumbent: Model,
    rules: UpdatingRules,
    selection: TermSelection?
  ) {
    models[.keep] = incumbent
    let rows = table.rows(leavingOut: site, withDevelopment: false)
    guard rows.events > 0, rows.events < rows.n else { return }
    let predictor = rows.linearPredictor(incumbent.coefficients)
    var deviances: [UpdateStep: Double] = [.keep: rows.deviance(predictor)]
    for step in rules.steps {
      do {
        switch step {
        case .keep: continue
        case .intercept:
          let fit = try rows.shift(predictor)
          deviances[step] = fit.deviance
          models[step] = Self.shifted(incumbent, fit)
        case .interceptSlope:
          let fit = try rows.line(predictor)
          deviances[step] = fit.deviance
          models[step] = Self.recalibrated(incumbent, fit)
        case .reEstimate:
          let fit = try rows.logistic()
          models[step] = try Self.reEstimated(
            table.rows(leavingOut: site, withDevelopment: true),
            selection
          )
          deviances[step] = fit.deviance
        }
      } catch {
        failures[step] = RefusalText.text(error)
      }
    }
    choose(deviances, termCount: table.termNames.count, level: rules.level)
  }

  /// The model that the closed test takes.
  var chosenModel: Model? { models[chosen] }

  private mutating func choose(
    _ deviances: [UpdateStep: Double],
    termCount: Int,
    level: Double
  ) {
    let parameters: [UpdateStep: Int] = [
      .keep: 0, .intercept: 1, .interceptSlope: 2, .reEstimate: termCount + 1,
    ]
    let fitted = UpdateStep.allCases.filter { deviances[$0] != nil && models[$0] != nil }
    guard let largest = fitted.last, let best = deviances[largest] else { return }
    chosen = largest
    for step in fitted.dropLast() {
      let freedom = (parameters[largest] ?? 0) - (parameters[step] ?? 0)
      guard freedom > 0, let deviance = deviances[step] else { continue }
      let statistic = max(0, deviance - best)
      guard
        let p = try? ChiSquared(degreesOfFreedom: Double(freedom)).upperTail(statistic)
      else { continue }
      tests.append(
        LadderTest(step: step, statistic: statistic, degreesOfFreedom: freedom, p: p)
      )
    }
    if let first = tests.first(where: { $0.p >= level }) { chosen = first.step }
  }
}

extension UpdateLadder {
  private static func shifted(_ incumbent: Model, _ fit: LogisticFit) -> Model {
    var (coefficients, covariance) = (incumbent.coefficients, incumbent.covariance)
    coefficients[0] += fit.estimates[0]
    covariance[0][0] += fit.covariance[0, 0]
    return Model(coefficients: coefficients, covariance: covariance)
  }

  /// The incumbent's uncertainty, scaled, plus that of the two new numbers.
  private static func recalibrated(_ incumbent: Model, _ fit: LogisticFit) -> Model {
    let (shift, factor) = (fit.estimates[0], fit.estimates[1])
    var coefficients = incumbent.coefficients.map { $0 * factor }
    coefficients[0] += shift
    let old = incumbent.coefficients
    let size = old.count
    let covariance = (0..<size).map { row in
      (0..<size).map { column in
        var value = factor * factor * incumbent.covariance[row][column]
        value += old[row] * old[column] * fit.covariance[1, 1]
        if row == 0 { value += old[column] * fit.covariance[0, 1] }
        if column == 0 { value += old[row] * fit.covariance[0, 1] }
        if row == 0, column == 0 { value += fit.covariance[0, 0] }
        return value
      }
    }
    return Model(coefficients: coefficients, covariance: covariance)
  }

  private static func reEstimated(
    _ rows: PatternTable.Rows,
    _ selection: TermSelection?
  ) throws(BiostatisticsError) -> Model {
    let fit = try FittedModel(
      .firth,
      design: rows.design(),
      outcomes: rows.outcomes,
      weights: rows.counts,
      hasProfileLimits: false,
      selection: selection
    )
    return Model(
      coefficients: [fit.riskIntercept] + fit.coefficients.dropFirst().map(\.estimate),
      covariance: fit.covariance
    )
  }
}
