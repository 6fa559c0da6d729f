// SPDX-License-Identifier: Apache-2.0
import Biostatistics
import Testing

struct DecisionCurveBandTests {
  @Test func `errors are those of means over patients`() throws {
    let table = try Oracle.table("dca_df_binary")
    let risks = try table.numbers("cancerpredmarker")
    let outcomes = try table.flags("cancer")
    for threshold in [0.05, 0.2, 0.4] {
      let odds = threshold / (1 - threshold)
      let point = try DecisionCurve.measure(
        risks: risks,
        outcomes: outcomes,
        thresholds: [threshold]
      )[0]
      let model = zip(risks, outcomes).map { $0 >= threshold ? ($1 ? 1 : -odds) : 0 }
      let all = outcomes.map { $0 ? 1 : -odds }
      for (values, found) in [
        (model, point.netBenefitEstimate),
        (zip(model, all).map { $0 - $1 }, point.advantageOverTreatAll),
      ] {
        let count = Double(values.count)
        let mean = values.reduce(0, +) / count
        let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count
        expectClose(
          [found.value, found.standardError],
          [mean, (variance / count).squareRoot()],
          within: 1e-12
        )
      }
    }
  }
}
