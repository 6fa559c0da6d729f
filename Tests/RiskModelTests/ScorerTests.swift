// SPDX-License-Identifier: Apache-2.0
import Foundation
import RiskModel
import Testing

@Suite struct ScorerTests {
  /// One row of the reference patterns.
  struct Pattern: Decodable, CustomTestStringConvertible {
    let t2, adc, nlr: Int
    let pointsT2, pointsAdc, pointsNlr, total, lp, prob: Double

    enum CodingKeys: String, CodingKey {
      case t2, adc, nlr, total, lp, prob
      case pointsT2 = "points_t2"
      case pointsAdc = "points_adc"
      case pointsNlr = "points_nlr"
    }

    var testDescription: String { "\(t2)\(adc)\(nlr)" }
    var inputs: [String: Double] { SeedModel.inputs(t2: t2 == 1, adc: adc == 1, nlr: nlr == 1) }
  }

  static func patterns() throws -> [Pattern] {
    let rows = try SeedModel.expected("nomogram_points_seed.json")["patterns"] ?? []
    let bytes = try JSONSerialization.data(withJSONObject: rows)
    return try JSONDecoder().decode([Pattern].self, from: bytes)
  }

  @Test(arguments: try patterns())
  func `each pattern has the linear predictor and probability of the reference`(
    pattern: Pattern
  ) throws {
    let score = try Scorer(SeedModel.release()).score(pattern.inputs)
    #expect(abs(score.linearPredictor - pattern.lp) < 1e-12)
    #expect(abs(score.probability - pattern.prob) < 1e-12)
  }

  @Test(arguments: try patterns())
  func `each pattern has the points of the reference`(pattern: Pattern) throws {
    let score = try Scorer(SeedModel.release()).score(pattern.inputs)
    let points = score.contributions.map(\.points)
    #expect(abs(points[0] - pattern.pointsT2) < 1e-6)
    #expect(abs(points[1] - pattern.pointsAdc) < 1e-6)
    #expect(abs(points[2] - pattern.pointsNlr) < 1e-6)
    #expect(abs(score.points - pattern.total) < 1e-6)
  }

  @Test func `the standard error of the reference level is that of the intercept`() throws {
    let score = try Scorer(SeedModel.release())
      .score(SeedModel.inputs(t2: false, adc: false, nlr: false))
    let errors = try SeedModel.expected("logistic_mle_seed.json")["se"] as? [String: Double]
    let intercept = try #require(errors?["(Intercept)"])
    #expect(abs(score.standardError - intercept) < 1e-12)
  }

  @Test func `the interval is symmetric on the logit scale`() throws {
    let score = try Scorer(SeedModel.release())
      .score(SeedModel.inputs(t2: true, adc: false, nlr: false))
    func logit(_ p: Double) -> Double { log(p / (1 - p)) }
    let below = score.linearPredictor - logit(score.probabilityLow)
    let above = logit(score.probabilityHigh) - score.linearPredictor
    #expect(abs(below - above) < 1e-9)
    #expect(abs(below - 1.959963984540054 * score.standardError) < 1e-9)
  }

  @Test(arguments: [(true, "high"), (false, "low")])
  func `the risk group follows the cut-off`(t2: Bool, group: String) throws {
    let score = try Scorer(SeedModel.release())
      .score(SeedModel.inputs(t2: t2, adc: false, nlr: false))
    #expect(score.riskGroup == group)
  }

  @Test func `all missing inputs are named`() throws {
    let scorer = try Scorer(SeedModel.release())
    #expect(throws: RiskModelError.missingInputs(["t2_sir_week8", "nlr"])) {
      try scorer.score(["adc_mean_week8": 1])
    }
  }

  @Test(arguments: [Double.nan, .infinity, -.infinity])
  func `inputs that are not finite are refused by name`(value: Double) throws {
    let scorer = try Scorer(SeedModel.release())
    #expect(throws: RiskModelError.implausibleInputs(["nlr"])) {
      try scorer.score(["t2_sir_week8": 2, "adc_mean_week8": 1, "nlr": value])
    }
  }

  @Test func `every score carries the statement on research use`() throws {
    let score = try Scorer(SeedModel.release())
      .score(SeedModel.inputs(t2: true, adc: true, nlr: false))
    #expect(score.warnings.first == "Research use; not externally validated.")
    #expect(score.outcome.statement.contains("no objective response (SD or PD, mRECIST)"))
  }

  @Test func `a value near its cut-off is said to be near`() throws {
    let scorer = try Scorer(SeedModel.release())
    let near = try scorer.score(["t2_sir_week8": 1.40, "adc_mean_week8": 0.8, "nlr": 2])
    let far = try scorer.score(["t2_sir_week8": 2.40, "adc_mean_week8": 0.8, "nlr": 2])
    #expect(near.warnings.count == far.warnings.count + 1)
  }

  @Test func `the JSON of a score has the keys of the contract`() throws {
    let score = try Scorer(SeedModel.release())
      .score(SeedModel.inputs(t2: true, adc: true, nlr: false))
    let object = try JSONSerialization.jsonObject(with: JSONEncoder().encode(score))
    let keys = Set((object as? [String: Any] ?? [:]).keys)
    #expect(
      keys.isSuperset(of: [
        "model", "version", "linear_predictor", "probability", "probability_low",
        "probability_high", "risk_group", "points", "contributions", "warnings",
      ])
    )
  }
}
