// SPDX-License-Identifier: Apache-2.0
import Biostatistics
import Foundation

extension Performance {
  /// The cut-off of a set of patients.
  enum Cutoff {
    case given(Double)
    case youden
    case none
  }

  /// Measures predicted risks against outcomes.
  ///
  /// - Parameters:
  ///   - risks: Predicted probabilities (shape: n).
  ///   - outcomes: Observed events in the same order (shape: n).
  ///   - cutoff: Given, or Youden's optimum with the midpoint rule.
  ///   - parameters: Parameters of the model, for its AIC.
  /// - Returns: The measures; what could not be computed is absent and noted.
  static func measure(
    risks: [Double],
    outcomes: [Bool],
    cutoff: Cutoff,
    parameters: Int
  ) -> Performance {
    var result = Performance(n: outcomes.count, events: outcomes.count { $0 })
    guard !outcomes.isEmpty else { return result }
    let deviance = Self.deviance(risks, outcomes)
    result.deviance = deviance
    result.aic = deviance + 2 * Double(parameters)
    result.addDiscrimination(risks, outcomes)
    result.addClassification(risks, outcomes, cutoff)
    result.addCalibration(risks, outcomes)
    return result
  }

  static func deviance(_ risks: [Double], _ outcomes: [Bool]) -> Double {
    zip(risks, outcomes).reduce(0) { $0 - 2 * log($1.1 ? $1.0 : 1 - $1.0) }
  }

  private mutating func note(_ what: String, _ error: any Error) {
    notes.append("\(what) not computed: \(RefusalText.text(error))")
  }

  private mutating func addDiscrimination(_ risks: [Double], _ outcomes: [Bool]) {
    do {
      let area = try AUC.measure(scores: risks, outcomes: outcomes)
      let limits = try? area.interval()
      auc = LimitedEstimate(
        estimate: area.estimate,
        se: area.standardError,
        low: limits?.low,
        high: limits?.high
      )
    } catch {
      note("AUC", error)
    }
  }

  private mutating func addClassification(
    _ risks: [Double],
    _ outcomes: [Bool],
    _ rule: Cutoff
  ) {
    do {
      switch rule {
      case .none: return
      case .given(let value): cutoff = value
      case .youden: cutoff = try Self.youden(risks, outcomes)
      }
      guard let cutoff else { return }
      let table = try ClassificationTable(scores: risks, outcomes: outcomes, cutoff: cutoff)
      sensitivity = add("sensitivity", table.sensitivity)
      specificity = add("specificity", table.specificity)
      ppv = add("ppv", table.positivePredictiveValue)
      npv = add("npv", table.negativePredictiveValue)
    } catch {
      note("classification", error)
    }
  }

  private mutating func add(_ name: String, _ share: Proportion?) -> Double? {
    guard let share else { return nil }
    if let wilson = try? share.wilson() {
      limits[name] = Limits(low: wilson.low, high: wilson.high)
    }
    return share.estimate
  }

  /// Among tied optima the lowest cut-off, which misses the fewest events.
  private static func youden(_ risks: [Double], _ outcomes: [Bool]) throws -> Double? {
    try ROCCurve(scores: risks, outcomes: outcomes).youdenOptima.map(\.threshold)
      .filter { $0 > 0 && $0 < 1 }.min()
  }

  private mutating func addCalibration(_ risks: [Double], _ outcomes: [Bool]) {
    var summary = CalibrationSummary()
    do {
      let large = try Calibration.inTheLarge(risks: risks, outcomes: outcomes)
      summary.intercept = large.value
      summary.interceptSE = large.standardError
    } catch {
      note("calibration-in-the-large", error)
    }
    do {
      let line = try Calibration.slope(risks: risks, outcomes: outcomes)
      summary.slope = line.slope.value
      summary.slopeSE = line.slope.standardError
      summary.jointIntercept = line.intercept.value
    } catch {
      note("calibration slope", error)
    }
    if let ratio = try? ObservedToExpected.measure(risks: risks, outcomes: outcomes) {
      summary.oe = ratio.ratio
      let limits = try? ratio.interval()
      summary.oeLow = limits?.low
      summary.oeHigh = limits?.high
    }
    brier = try? BrierScore.measure(risks: risks, outcomes: outcomes).value
    calibration = summary
  }
}
