// SPDX-License-Identifier: Apache-2.0
import Biostatistics
import Testing

/// Internal–external cross-validation, which joins fitting, validation and pooling.
struct InternalExternalTests {
  struct Study: CustomTestStringConvertible {
    let name: String
    let data: String
    let site: String
    let outcome: String
    let columns: [String]
    let isPenalised: Bool
    var testDescription: String { name }
  }

  static let studies = [
    Study(
      name: "iecv_dvt",
      data: "DVTipd",
      site: "study",
      outcome: "dvt",
      columns: ["malign", "surg", "notraum", "vein", "calfdif3", "sex"],
      isPenalised: false
    ),
    Study(
      name: "iecv_registry_firth",
      data: "registry_synth",
      site: "site",
      outcome: "y",
      columns: ["t2", "adc", "nlr"],
      isPenalised: true
    ),
  ]

  private struct Performance {
    let auc: AUC
    let calibration: Calibration
  }

  private func leaveOut(_ site: String, of study: Study) throws -> (Performance, [Double]) {
    let table = try Oracle.table(study.data)
    let design = try table.design(study.columns)
    let outcomes = try table.flags(study.outcome)
    let sites = try table.texts(study.site)
    let kept = sites.indices.filter { sites[$0] != site }
    let left = sites.indices.filter { sites[$0] == site }
    let training = try design.selecting(rows: kept)
    let events = kept.map { outcomes[$0] }
    let validation = try design.selecting(rows: left)
    let risks: [Double]
    let estimates: [Double]
    if study.isPenalised {
      let fit = try FirthFit.fit(training, outcomes: events, limits: .wald)
      risks = try fit.predict(validation, calibrated: false)
      estimates = fit.estimates
    } else {
      let fit = try LogisticFit.fit(training, outcomes: events)
      risks = try fit.predict(validation)
      estimates = fit.estimates
    }
    let observed = left.map { outcomes[$0] }
    let performance = Performance(
      auc: try AUC.measure(scores: risks, outcomes: observed),
      calibration: try Calibration.measure(risks: risks, outcomes: observed)
    )
    return (performance, estimates)
  }

  @Test(arguments: studies)
  func `each left-out site agrees with R`(study: Study) throws {
    for row in try Oracle.expected(study.name)["by_site"].list {
      let (found, estimates) = try leaveOut(row["left_out"].text, of: study)
      // The reference states 1e-8 for maximum likelihood and 1e-7 for Firth fits.
      let tolerance = study.isPenalised ? 1e-7 : 1e-8
      expectClose(
        estimates,
        try row["coef"].numbers(["(Intercept)"] + study.columns),
        within: tolerance
      )
      let logit = try found.auc.logit()
      let logRatio = try found.calibration.observedToExpected.logarithm()
      expectClose(
        [
          found.auc.estimate, logit.value, logit.standardError,
          found.calibration.inTheLarge.value, found.calibration.inTheLarge.standardError,
          found.calibration.slope.value, found.calibration.slope.standardError,
          found.calibration.jointIntercept.value, logRatio.value, logRatio.standardError,
          found.calibration.brier.value, try #require(found.calibration.brier.scaled),
        ],
        try row.numbers([
          "auc", "logit_auc", "logit_auc_se", "citl", "citl_se", "slope", "slope_se",
          "joint_intercept", "log_oe", "log_oe_se", "brier", "scaled_brier",
        ]),
        within: tolerance
      )
    }
  }

  @Test(arguments: studies)
  func `pooled performance agrees with metafor`(study: Study) throws {
    let expected = try Oracle.expected(study.name)
    var effects: [String: [Estimate]] = [:]
    for row in try expected["by_site"].list {
      let (found, _) = try leaveOut(row["left_out"].text, of: study)
      effects["logit_auc", default: []].append(try found.auc.logit())
      effects["slope", default: []].append(found.calibration.slope)
      effects["citl", default: []].append(found.calibration.inTheLarge)
      effects["log_oe", default: []]
        .append(try found.calibration.observedToExpected.logarithm())
    }
    for (name, estimates) in effects {
      let reference = try expected["pooled"][name]["REML_knha"]
      let pooled = try RandomEffects.pool(estimates)
      let limits = try pooled.interval()
      let prediction = try pooled.predictionInterval(.higgins)
      // The reference states 1e-6 for pooled values.
      expectClose(
        [
          pooled.mean.value, pooled.mean.standardError, limits.low, limits.high,
          pooled.betweenVariance, prediction.low, prediction.high,
        ],
        try reference.numbers([
          "mu", "se", "ci_lower", "ci_upper", "tau2", "pi_t_kminus2_lower",
          "pi_t_kminus2_upper",
        ]),
        within: 1e-6
      )
    }
  }
}
