// SPDX-License-Identifier: Apache-2.0
import Biostatistics
import Testing

struct RidgeFitTests {
  @Test(arguments: 0..<6)
  func `agrees with penalised Newton iterations`(index: Int) throws {
    let expected = try Oracle.expected("ridge_newton_seed")["fits"].list[index]
    let table = try Oracle.table("han_seed_reconstructed")
    let fit = try RidgeFit.fit(
      table.design(Columns.seed),
      outcomes: table.flags("progression"),
      penalty: expected["penalty"].number
    )
    expectClose(fit.estimates, try expected["coef"].numbers(["(Intercept)"] + Columns.seed))
    expectClose(
      [fit.effectiveDegreesOfFreedom, fit.penalisedLogLikelihood, fit.logLikelihood],
      try expected.numbers(["effective_df", "penalized_loglik", "loglik"])
    )
    let keys = ["1"] + Columns.seed
    expectClose(fit.covariance.diagonal, try expected["var_sandwich_diag"].numbers(keys))
    expectClose(fit.inverseCurvature.diagonal, try expected["var_hinv_diag"].numbers(keys))
  }

  @Test func `a penalty makes separated data finite`() throws {
    let design = try DesignMatrix(columnNames: ["x"], columns: [[0, 0, 1, 1]])
    let outcomes = [false, false, true, true]
    let fit = try RidgeFit.fit(design, outcomes: outcomes, penalty: 1)
    #expect(fit.estimates[1] > 0)
    #expect(throws: BiostatisticsError.separated(.complete, columns: ["x"])) {
      try RidgeFit.fit(design, outcomes: outcomes, penalty: 0)
    }
    #expect(throws: BiostatisticsError.outOfRange(parameter: "penalty", value: -1)) {
      try RidgeFit.fit(design, outcomes: outcomes, penalty: -1)
    }
  }
}
