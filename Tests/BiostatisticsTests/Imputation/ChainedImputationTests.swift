// SPDX-License-Identifier: Apache-2.0
import Biostatistics
import Testing

struct ChainedImputationTests {
  private static func columns(
    _ method: ChainedImputation.Method
  ) throws -> [ChainedImputation.Column] {
    let table = try Oracle.table("mi_birthwt_incomplete")
    return try [
      ("low", .logistic), ("age", method), ("lwt", method), ("smoke", .logistic), ("ht", .logistic),
    ]
    .map { (name: String, method: ChainedImputation.Method) in
      ChainedImputation.Column(
        name: name,
        values: try table.optionalNumbers(name),
        method: method
      )
    }
  }

  @Test(arguments: [
    ChainedImputation.Method.linear, .predictiveMeanMatching(donors: 5),
  ])
  func `observed values stay and gaps are filled`(method: ChainedImputation.Method) throws {
    let columns = try Self.columns(method)
    var generator = SeededGenerator(seed: 1)
    let sets = try ChainedImputation.impute(columns, count: 3, rounds: 3, using: &generator)
    #expect(sets.count == 3)
    for set in sets {
      for (column, filled) in zip(columns, set) {
        #expect(filled.count == column.values.count && filled.allSatisfy(\.isFinite))
        #expect(zip(column.values, filled).allSatisfy { $0 == nil || $0 == $1 })
        let known = Set(column.values.compactMap { $0 })
        if method != .linear { #expect(filled.allSatisfy { known.contains($0) }) }
      }
    }
  }

  @Test func `the same seed gives the same imputations and another gives others`() throws {
    let columns = try Self.columns(.predictiveMeanMatching(donors: 5))
    let draws = try [7, 7, 8].map { (seed: UInt64) in
      var generator = SeededGenerator(seed: seed)
      return try ChainedImputation.impute(columns, count: 2, rounds: 2, using: &generator)
    }
    #expect(draws[0] == draws[1])
    #expect(draws[0] != draws[2])
  }

  @Test func `pooled coefficients are near those of mice`() throws {
    let expected = try Oracle.expected("mi_birthwt")
    let columns = try Self.columns(.predictiveMeanMatching(donors: 5))
    var generator = SeededGenerator(seed: 2026)
    let sets = try ChainedImputation.impute(columns, count: 20, rounds: 5, using: &generator)
    let fits = try sets.map { set in
      try LogisticFit.fit(
        DesignMatrix(
          columnNames: ["lwt", "age", "smoke", "ht"],
          columns: [set[2], set[1], set[3], set[4]]
        ),
        outcomes: set[0].map { $0 == 1 }
      )
    }
    let pooled = try PooledImputations.pool(
      terms: fits[0].terms,
      imputations: fits.map { fit in
        zip(fit.estimates, fit.standardErrors).map { Estimate(value: $0, standardError: $1) }
      },
      completeDegreesOfFreedom: 184
    )
    // Different random imputations: within half a standard error.
    for (row, reference) in zip(pooled.rows, try expected["estimate"].numbers) {
      #expect(abs(row.estimate.value - reference) < 0.5 * row.estimate.standardError)
    }
  }

  @Test func `hostile columns are refused or survived`() throws {
    var generator = SeededGenerator(seed: 3)
    let gaps: [Double?] = [nil, 1e308, -1e308, 3, nil, 5]
    let constant: [Double?] = [2, 2, nil, 2, 2, 2]
    let binary: [Double?] = [0, 1, 0, nil, 1, 1]
    for method in [ChainedImputation.Method.linear, .predictiveMeanMatching(donors: 99)] {
      let sets = try ChainedImputation.impute(
        [
          .init(name: "a", values: gaps, method: .predictiveMeanMatching(donors: 2)),
          .init(name: "b", values: constant, method: method),
          .init(name: "c", values: binary, method: .logistic),
        ],
        count: 2,
        rounds: 2,
        using: &generator
      )
      #expect(sets.allSatisfy { $0.allSatisfy { $0.allSatisfy(\.isFinite) } })
    }
    #expect(throws: BiostatisticsError.notFinite(input: "a", position: 1)) {
      try ChainedImputation.impute(
        [
          .init(name: "a", values: [1, .nan, 2], method: .linear),
          .init(name: "b", values: [1, 2, 3], method: .linear),
        ],
        using: &generator
      )
    }
    #expect(throws: BiostatisticsError.outcomeNotBinary(position: 2)) {
      try ChainedImputation.impute(
        [
          .init(name: "a", values: [1, 0, 2], method: .logistic),
          .init(name: "b", values: [1, 2, 3], method: .linear),
        ],
        using: &generator
      )
    }
    #expect(throws: BiostatisticsError.tooFew(what: "a", needed: 2, found: 0)) {
      try ChainedImputation.impute(
        [
          .init(name: "a", values: [nil, nil], method: .linear),
          .init(name: "b", values: [1, 2], method: .linear),
        ],
        using: &generator
      )
    }
  }
}
