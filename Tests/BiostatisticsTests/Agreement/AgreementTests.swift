// SPDX-License-Identifier: Apache-2.0
import Biostatistics
import Testing

struct AgreementTests {
  @Test(arguments: [
    ("unweighted", CohenKappa.Weighting.unweighted), ("equal", .linear), ("squared", .quadratic),
  ])
  func `kappa agrees with its closed form and irr`(
    key: String,
    weighting: CohenKappa.Weighting
  ) throws {
    let expected = try Oracle.expected("kappa_4cat")[key]
    let table = try Oracle.table("kappa_4cat")
    let kappa = try CohenKappa.measure(
      table.numbers("reader1").map { Int($0) - 1 },
      table.numbers("reader2").map { Int($0) - 1 },
      categoryCount: 4,
      weighting: weighting
    )
    let limits = try kappa.estimate.interval()
    expectClose(
      [
        kappa.estimate.value, kappa.estimate.standardError, kappa.observedAgreement,
        kappa.expectedAgreement, limits.low, limits.high, kappa.test.statistic, kappa.test.p,
      ],
      try expected.numbers(["kappa", "ase", "po", "pe", "lower", "upper", "z", "p"])
    )
  }

  @Test func `an unused category changes weighted kappa's weights alone`() throws {
    let first = [0, 1, 1, 0, 1, 0, 0, 1]
    let second = [0, 1, 0, 0, 1, 1, 0, 1]
    let two = try CohenKappa.measure(first, second, categoryCount: 2)
    let three = try CohenKappa.measure(first, second, categoryCount: 3)
    #expect(isClose(two.estimate.value, three.estimate.value, within: 1e-14))
  }

  @Test func `readers who use one category have no kappa`() {
    #expect(throws: BiostatisticsError.zeroVariance("kappa")) {
      try CohenKappa.measure([1, 1], [1, 1], categoryCount: 2)
    }
  }

  @Test(arguments: [
    ("icc_1_1", IntraclassCorrelation.Form.oneWay), ("icc_2_1", .absoluteAgreement),
    ("icc_3_1", .consistency),
  ])
  func `intraclass correlation agrees with irr`(
    key: String,
    form: IntraclassCorrelation.Form
  ) throws {
    let expected = try Oracle.expected("icc_shrout_fleiss")[key]
    let table = try Oracle.table("icc_shrout_fleiss")
    let columns = try ["J1", "J2", "J3", "J4"].map { try table.numbers($0) }
    let readings = table.rows.indices.map { row in columns.map { $0[row] } }
    let found = try IntraclassCorrelation.measure(readings, form: form)
    expectClose(
      [found.estimate, found.limits.low, found.limits.high],
      try expected.numbers(["icc", "lower", "upper"])
    )
  }
}
