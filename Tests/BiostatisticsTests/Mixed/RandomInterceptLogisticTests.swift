// SPDX-License-Identifier: Apache-2.0
import Biostatistics
import Testing

struct RandomInterceptLogisticTests {
  static let columns = ["t2", "adc", "nlr"]
  static let terms = ["(Intercept)"] + columns

  static func registry() throws -> (design: DesignMatrix, outcomes: [Bool], sites: [Int]) {
    let table = try Oracle.table("registry_synth")
    let sites = try table.texts("site").map { Int($0.dropFirst()) ?? 0 }
    return (try table.design(columns), try table.flags("y"), sites)
  }

  @Test(arguments: [("glmer_laplace", 1), ("glmer_agq25", 25)])
  func `coefficients and deviation agree with lme4`(key: String, points: Int) throws {
    let expected = try Oracle.expected("mixed_registry")[key]
    let (design, outcomes, sites) = try Self.registry()
    let fit = try RandomInterceptLogistic.fit(
      design,
      outcomes: outcomes,
      sites: sites,
      points: points
    )
    expectClose(fit.estimates, try expected["fixef"].numbers(Self.terms), within: 1e-4)
    expectClose(fit.standardErrors, try expected["se"].numbers(Self.terms), within: 1e-4)
    expectClose([fit.deviation], [try expected["sd_intercept"].number], within: 1e-4)
    expectClose(
      [fit.logLikelihood],
      [try expected["logLik"].number],
      within: 1e-8
    )
    expectClose(
      fit.siteIntercepts,
      try expected["ranef"].numbers((1...6).map { "S\($0)" }),
      within: 1e-4
    )
  }

  @Test func `the share between sites and the median odds ratio agree`() throws {
    let expected = try Oracle.expected("mixed_registry")
    let (design, outcomes, sites) = try Self.registry()
    let fit = try RandomInterceptLogistic.fit(
      design,
      outcomes: outcomes,
      sites: sites,
      points: 1
    )
    expectClose(
      [fit.latentIntraclassCorrelation, fit.medianOddsRatio],
      try expected.numbers(["icc_latent", "mor"]),
      within: 1e-4
    )
  }

  @Test func `many points agree with each other`() throws {
    let (design, outcomes, sites) = try Self.registry()
    let fits = try [15, 60].map {
      try RandomInterceptLogistic.fit(design, outcomes: outcomes, sites: sites, points: $0)
    }
    expectClose([fits[0].logLikelihood], [fits[1].logLikelihood], within: 1e-11)
    expectClose(fits[0].estimates, fits[1].estimates, within: 1e-7)
  }

  @Test func `sites that do not differ leave a deviation of 0 and the plain fit`() throws {
    let outcomes = (0..<80).map { $0 % 2 == 0 }
    let x = (0..<80).map { Double($0 / 2 % 2) }
    let sites = (0..<80).map { $0 / 4 % 4 }
    let design = try DesignMatrix(columnNames: ["x"], columns: [x])
    let fit = try RandomInterceptLogistic.fit(design, outcomes: outcomes, sites: sites)
    let plain = try LogisticFit.fit(design, outcomes: outcomes)
    #expect(fit.deviation == 0)
    expectClose(fit.estimates, plain.estimates, within: 1e-7)
    expectClose([fit.logLikelihood], [plain.logLikelihood], within: 1e-9)
  }

  @Test func `the averaged risk is nearer to one half than the typical one`() throws {
    let (design, outcomes, sites) = try Self.registry()
    let fit = try RandomInterceptLogistic.fit(design, outcomes: outcomes, sites: sites)
    let typical = try fit.predict(design, newSite: .typical)
    let averaged = try fit.predict(design, newSite: .averaged)
    #expect(zip(typical, averaged).allSatisfy { abs($1 - 0.5) <= abs($0 - 0.5) })
  }

  @Test func `hostile input is refused`() throws {
    let design = try DesignMatrix(columnNames: ["x"], columns: [[0, 1, 0, 1]])
    let outcomes = [true, false, false, true]
    #expect(throws: BiostatisticsError.tooFew(what: "sites", needed: 2, found: 1)) {
      try RandomInterceptLogistic.fit(design, outcomes: outcomes, sites: [1, 1, 1, 1])
    }
    #expect(throws: BiostatisticsError.countsDiffer(expected: 4, found: 1)) {
      try RandomInterceptLogistic.fit(design, outcomes: outcomes, sites: [1])
    }
    #expect(throws: BiostatisticsError.outOfRange(parameter: "points", value: 61)) {
      try RandomInterceptLogistic.fit(
        design,
        outcomes: outcomes,
        sites: [1, 1, 2, 2],
        points: 61
      )
    }
  }

  @Test(arguments: [
    ("hc0_no_adjust", ClusterRobustCovariance.Correction.none), ("hc0_cadjust", .sites),
    ("hc1_cadjust", .sitesAndTerms),
  ])
  func `cluster-robust errors agree with sandwich`(
    key: String,
    correction: ClusterRobustCovariance.Correction
  ) throws {
    let expected = try Oracle.expected("mixed_registry")
    let (design, outcomes, sites) = try Self.registry()
    let fit = try LogisticFit.fit(design, outcomes: outcomes)
    expectClose(fit.estimates, try expected["coef"].numbers(Self.terms), within: 1e-9)
    expectClose(fit.standardErrors, try expected["glm_se"].numbers(Self.terms), within: 1e-9)
    let robust = try ClusterRobustCovariance.compute(
      fit,
      design: design,
      outcomes: outcomes,
      sites: sites,
      correction: correction
    )
    expectClose(robust.standardErrors, try expected[key].numbers(Self.terms), within: 1e-9)
  }

  @Test func `a site for every patient gives White's errors`() throws {
    let expected = try Oracle.expected("mixed_registry")["hc0_iid"]
    let (design, outcomes, _) = try Self.registry()
    let robust = try ClusterRobustCovariance.compute(
      LogisticFit.fit(design, outcomes: outcomes),
      design: design,
      outcomes: outcomes,
      sites: Array(outcomes.indices),
      correction: .none
    )
    expectClose(robust.standardErrors, try expected.numbers(Self.terms), within: 1e-9)
  }
}
