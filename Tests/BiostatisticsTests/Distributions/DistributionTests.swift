// SPDX-License-Identifier: Apache-2.0
import Biostatistics
import Testing

struct DistributionTests {
  @Test func `the critical value at 95 % is that of qnorm`() throws {
    #expect(
      isRelativelyClose(
        try Normal.criticalValue(confidence: 0.95),
        1.959963984540054,
        within: 1e-15
      )
    )
  }

  @Test func `upper tails stay exact far out`() throws {
    // pnorm(-20) of R 4.2.2.
    #expect(isRelativelyClose(try Normal.upperTail(20), 2.753624118606234e-89, within: 1e-12))
  }

  @Test(arguments: [0.001, 0.025, 0.3, 0.5, 0.9, 0.999])
  func `quantiles invert the cumulative functions`(probability: Double) throws {
    let normal = try Normal.cumulative(Normal.quantile(probability))
    let student = StudentT(degreesOfFreedom: 3.7)
    let chi = ChiSquared(degreesOfFreedom: 2.5)
    let beta = Beta(alpha: 2.5, beta: 0.7)
    let ratio = FRatio(numerator: 4, denominator: 9.3)
    expectClose(
      [
        normal, try student.cumulative(student.quantile(probability)),
        try chi.cumulative(chi.quantile(probability)),
        try beta.cumulative(beta.quantile(probability)),
        try ratio.cumulative(ratio.quantile(probability)),
      ],
      Array(repeating: probability, count: 5),
      within: 1e-12
    )
  }

  @Test func `chi-squared with one degree of freedom is the squared normal`() throws {
    let p = try ChiSquared(degreesOfFreedom: 1).upperTail(1.7 * 1.7)
    #expect(isRelativelyClose(p, try Normal.twoSidedP(1.7), within: 1e-13))
  }

  @Test func `impossible degrees of freedom are an error`() {
    #expect(throws: BiostatisticsError.distributionFailed("Student t")) {
      try StudentT(degreesOfFreedom: -1).cumulative(0)
    }
  }

  @Test func `a quantile of probability 0 is an error`() {
    #expect(throws: BiostatisticsError.distributionFailed("normal quantile")) {
      try Normal.quantile(0)
    }
  }
}
