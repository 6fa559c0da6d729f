// SPDX-License-Identifier: Apache-2.0
import Biostatistics
import Testing

struct AddedCovariateFitTests {
  @Test(arguments: [
    ("firth_seed", "han_seed_reconstructed", Columns.seed, "progression"),
    ("firth_sex2", "sex2", Columns.sex2, "case"),
  ])
  func `agrees with flac`(
    name: String,
    data: String,
    columns: [String],
    outcome: String
  ) throws {
    let expected = try Oracle.expected(name)["flac"]
    let table = try Oracle.table(data)
    let outcomes = try table.flags(outcome)
    let fit = try AddedCovariateFit.fit(table.design(columns), outcomes: outcomes)
    expectClose(fit.estimates, try expected["coef"].numbers(["(Intercept)"] + columns))
    let mean = fit.fitted.reduce(0, +) / Double(outcomes.count)
    #expect(isClose(mean, try expected["mean_pred"].number))
    #expect(isClose(mean, Double(outcomes.count { $0 }) / Double(outcomes.count)))
  }
}
