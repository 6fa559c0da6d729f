// SPDX-License-Identifier: Apache-2.0
import Biostatistics
import Testing

struct InternalExternalValidationTests {
  private func measure(
    _ study: InternalExternalTests.Study
  ) throws -> InternalExternalValidation {
    let table = try Oracle.table(study.data)
    return try InternalExternalValidation.measure(
      table.design(study.columns),
      outcomes: table.flags(study.outcome),
      sites: table.texts(study.site),
      fitting: study.isPenalised ? .firth : .maximumLikelihood
    )
  }

  @Test(arguments: InternalExternalTests.studies)
  func `each left-out site agrees with R`(study: InternalExternalTests.Study) throws {
    let found = try measure(study)
    #expect(found.refusals.isEmpty)
    let expected = try Oracle.expected(study.name)["by_site"].list
    #expect(found.sites.count == expected.count)
    // The reference states 1e-8 for maximum likelihood and 1e-7 for Firth fits.
    let tolerance = study.isPenalised ? 1e-7 : 1e-8
    for row in expected {
      let name = try row["left_out"].text
      let site = try #require(found.sites.first { $0.name == name })
      expectClose(
        site.coefficients,
        try row["coef"].numbers(["(Intercept)"] + study.columns),
        within: tolerance
      )
      expectClose(
        [
          Double(site.count), Double(site.events), site.auc.estimate,
          try #require(site.auc.standardError), try site.effect(.logitAUC).value,
          try site.effect(.slope).value, try site.effect(.inTheLarge).value,
          try site.effect(.logObservedToExpected).value,
          try site.effect(.logObservedToExpected).standardError,
        ],
        try row.numbers([
          "n", "events", "auc", "auc_se", "logit_auc", "slope", "citl", "log_oe", "log_oe_se",
        ]),
        within: tolerance
      )
    }
  }

  @Test(arguments: InternalExternalTests.studies)
  func `pooled performance agrees with metafor`(study: InternalExternalTests.Study) throws {
    let found = try measure(study)
    let expected = try Oracle.expected(study.name)["pooled"]
    for (measure, name) in [
      (InternalExternalValidation.Measure.logitAUC, "logit_auc"), (.slope, "slope"),
      (.inTheLarge, "citl"), (.logObservedToExpected, "log_oe"),
    ] {
      for (estimator, inference, key) in [
        (
          RandomEffects.Estimator.restrictedMaximumLikelihood,
          RandomEffects.Inference.hartungKnapp, "REML_knha"
        ),
        (.restrictedMaximumLikelihood, .normal, "REML_z"),
        (.derSimonianLaird, .hartungKnapp, "DL_knha"), (.derSimonianLaird, .normal, "DL_z"),
      ] {
        let reference = try expected[name][key]
        let pooled = try found.pool(measure, estimator: estimator, inference: inference)
        let limits = try pooled.interval()
        let prediction = try pooled.predictionInterval(.asMean)
        // The reference states 1e-6 for pooled values.
        expectClose(
          [
            pooled.mean.value, pooled.mean.standardError, limits.low, limits.high,
            pooled.betweenVariance, 100 * pooled.inconsistency, prediction.low, prediction.high,
          ],
          try reference.numbers([
            "mu", "se", "ci_lower", "ci_upper", "tau2", "I2", "pi_metafor_lower",
            "pi_metafor_upper",
          ]),
          within: 1e-6
        )
      }
    }
  }

  @Test func `a single site is refused`() throws {
    let table = try Oracle.table("registry_synth")
    let design = try table.design(["t2"])
    let sites = [String](repeating: "S1", count: design.rowCount)
    #expect(throws: BiostatisticsError.tooFew(what: "sites", needed: 2, found: 1)) {
      try InternalExternalValidation.measure(design, outcomes: table.flags("y"), sites: sites)
    }
  }

  @Test func `a site without events is named, the others are validated`() throws {
    let table = try Oracle.table("registry_synth")
    let outcomes = try table.flags("y")
    var sites = try table.texts("site")
    let row = try #require(outcomes.firstIndex(of: false))
    sites[row] = "new"
    let found = try InternalExternalValidation.measure(
      table.design(["t2", "adc", "nlr"]),
      outcomes: outcomes,
      sites: sites
    )
    #expect(found.refusals.map(\.name) == ["new"])
    #expect(found.sites.count == 6)
  }
}
