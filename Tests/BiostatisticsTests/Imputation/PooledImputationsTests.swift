// SPDX-License-Identifier: Apache-2.0
import Biostatistics
import Testing

struct PooledImputationsTests {
  static let columns = ["lwt", "age", "smoke", "ht"]

  static func imputations() throws -> (designs: [DesignMatrix], outcomes: [[Bool]]) {
    let table = try Oracle.table("mi_birthwt_imputed")
    let labels = try table.numbers("imp")
    var designs: [DesignMatrix] = []
    var outcomes: [[Bool]] = []
    let low = try table.flags("low")
    for label in Set(labels).sorted() {
      let rows = labels.indices.filter { labels[$0] == label }
      designs.append(try table.design(columns).selecting(rows: rows))
      outcomes.append(rows.map { low[$0] })
    }
    return (designs, outcomes)
  }

  static func fits() throws -> [LogisticFit] {
    let (designs, outcomes) = try imputations()
    return try zip(designs, outcomes).map { try LogisticFit.fit($0, outcomes: $1) }
  }

  /// The fits of the reference stop at glm's relative change of 1e-8, ours at full precision.
  @Test func `fits of the imputations agree with glm as far as it iterates`() throws {
    let expected = try Oracle.expected("mi_birthwt")
    let fits = try Self.fits()
    for (key, values) in [
      ("per_imputation_coef", fits.map(\.estimates)),
      ("per_imputation_var", fits.map { $0.covariance.diagonal }),
    ] {
      let reference = try expected[key]["values"].list.map { try $0.numbers }
      for (imputation, found) in values.enumerated() {
        expectClose(found, reference.map { $0[imputation] }, within: 1e-8)
      }
    }
  }

  @Test func `pooled estimates agree with mice`() throws {
    let expected = try Oracle.expected("mi_birthwt")
    let values = try expected["per_imputation_coef"]["values"].list.map { try $0.numbers }
    let variances = try expected["per_imputation_var"]["values"].list.map { try $0.numbers }
    let pooled = try PooledImputations.pool(
      terms: expected["term"].list.map { try $0.text },
      imputations: (0..<5).map { imputation in
        zip(values, variances).map {
          Estimate(value: $0[imputation], standardError: $1[imputation].squareRoot())
        }
      },
      completeDegreesOfFreedom: expected["dfcom"].number
    )
    #expect(pooled.imputationCount == 5)
    let rows = pooled.rows
    for (key, values) in [
      ("estimate", rows.map(\.estimate.value)), ("se", rows.map(\.estimate.standardError)),
      ("t", rows.map(\.test.statistic)), ("df", rows.map { $0.test.degreesOfFreedom ?? 0 }),
      ("p", rows.map(\.test.p)), ("lower", rows.map(\.limits.low)),
      ("upper", rows.map(\.limits.high)), ("ubar", rows.map(\.within)),
      ("b", rows.map(\.between)), ("T", rows.map(\.total)),
      ("riv", rows.map(\.relativeIncrease)), ("lambda", rows.map(\.missingShare)),
      ("fmi", rows.map(\.missingInformation)),
    ] {
      expectClose(values, try expected[key].numbers, within: 1e-9)
    }
  }

  @Test func `the pooled Wald test agrees with mice`() throws {
    let expected = try Oracle.expected("mi_birthwt")
    let values = try expected["per_imputation_coef"]["values"].list[1].numbers
    let variances = try expected["per_imputation_var"]["values"].list[1].numbers
    let found = try ImputedTest.wald(
      estimates: values.map { [$0] },
      covariances: variances.map { variance in
        var one = SymmetricMatrix(dimension: 1)
        one[0, 0] = variance
        return one
      },
      completeDegreesOfFreedom: expected["dfcom"].number
    )
    expectClose(
      [found.statistic, found.numerator, found.denominator, found.p],
      try expected["D1"].numbers(["F", "df1", "df2", "p"]),
      within: 1e-9
    )
  }

  @Test func `the pooled likelihood-ratio test agrees with mice`() throws {
    let expected = try Oracle.expected("mi_birthwt")["D3"]
    let (designs, outcomes) = try Self.imputations()
    let found = try ImputedTest.logisticLikelihoodRatio(
      designs: designs,
      outcomes: outcomes,
      dropping: ["lwt"]
    )
    expectClose(
      [found.statistic, found.numerator, found.denominator, found.p],
      try expected.numbers(["F", "df1", "df2", "p"]),
      within: 1e-9
    )
  }

  @Test func `equal imputations add no variance`() throws {
    let one = [Estimate(value: 1, standardError: 0.5)]
    let pooled = try PooledImputations.pool(
      terms: ["x"],
      imputations: [one, one, one],
      completeDegreesOfFreedom: nil
    )
    #expect(pooled.rows[0].estimate.standardError == 0.5)
    #expect(pooled.rows[0].missingShare == 0)
  }

  @Test func `a single imputation is refused`() {
    #expect(throws: BiostatisticsError.tooFew(what: "imputations", needed: 2, found: 1)) {
      try PooledImputations.pool(
        terms: ["x"],
        imputations: [[Estimate(value: 1, standardError: 1)]],
        completeDegreesOfFreedom: nil
      )
    }
  }
}
