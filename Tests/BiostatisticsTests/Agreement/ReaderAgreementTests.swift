// SPDX-License-Identifier: Apache-2.0
import Biostatistics
import Testing

struct ReaderAgreementTests {
  private static let cases: [(String, IntraclassCorrelation.Form, IntraclassCorrelation.Unit)] = [
    ("icc_1_1", .oneWay, .single), ("icc_2_1", .absoluteAgreement, .single),
    ("icc_3_1", .consistency, .single), ("icc_2_k", .absoluteAgreement, .average),
    ("icc_3_k", .consistency, .average),
  ]

  private static func readings() throws -> [[Double]] {
    let table = try Oracle.table("icc_shrout_fleiss")
    let columns = try table.names.map { try table.numbers($0) }
    return table.rows.indices.map { row in columns.map { $0[row] } }
  }

  @Test(arguments: cases.indices)
  func `correlations, limits and F tests agree with irr`(index: Int) throws {
    let (key, form, unit) = Self.cases[index]
    let expected = try Oracle.expected("icc_shrout_fleiss")[key]
    let found = try IntraclassCorrelation.measure(Self.readings(), form: form, unit: unit)
    expectClose(
      [
        found.estimate, found.limits.low, found.limits.high, found.test.statistic,
        found.test.numerator, found.test.denominator, found.test.p,
      ],
      try expected.numbers(["icc", "lower", "upper", "F", "df1", "df2", "p"]),
      within: 1e-9
    )
  }

  @Test func `the mean of readers of its own agrees with psych`() throws {
    let expected = try Oracle.expected("icc_shrout_fleiss")["psych"]["Average_raters_absolute"]
    let found = try IntraclassCorrelation.measure(
      Self.readings(),
      form: .oneWay,
      unit: .average
    )
    expectClose(
      [found.estimate, found.limits.low, found.limits.high, found.test.p],
      try expected.numbers(["icc", "lower", "upper", "p"]),
      within: 1e-9
    )
  }

  @Test func `limits of agreement agree`() throws {
    let expected = try Oracle.expected("icc_shrout_fleiss")["bland_altman"]
    let readings = try Self.readings()
    let found = try BlandAltman.measure(readings.map { $0[0] }, readings.map { $0[1] })
    expectClose(
      [found.bias.value, found.deviation, found.limits.low, found.limits.high],
      try expected.numbers(["bias", "sd", "loa_lower", "loa_upper"]),
      within: 1e-12
    )
  }

  @Test func `Fleiss' kappa agrees with the published example`() throws {
    // 14 readers, 10 patients, 5 categories; kappa 0.210 as printed in many textbooks.
    let counts = [
      [0, 0, 0, 0, 14], [0, 2, 6, 4, 2], [0, 0, 3, 5, 6], [0, 3, 9, 2, 0], [2, 2, 8, 1, 1],
      [7, 7, 0, 0, 0], [3, 2, 6, 3, 0], [2, 5, 3, 2, 2], [6, 5, 2, 1, 0], [0, 2, 2, 3, 7],
    ]
    let found = try FleissKappa.measure(counts)
    #expect(abs(found.estimate.value - 0.210) < 5e-4)
    #expect(abs(found.observedAgreement - 0.378) < 5e-4)
    #expect(abs(found.expectedAgreement - 0.213) < 5e-4)
  }

  @Test func `Fleiss' kappa refuses uneven readers and a single category`() {
    #expect(throws: BiostatisticsError.countsDiffer(expected: 3, found: 2)) {
      try FleissKappa.measure([[3, 0], [1, 1]])
    }
    #expect(throws: BiostatisticsError.zeroVariance("kappa")) {
      try FleissKappa.measure([[3, 0], [3, 0]])
    }
    #expect(throws: BiostatisticsError.emptyInput) { try FleissKappa.measure([]) }
  }
}
