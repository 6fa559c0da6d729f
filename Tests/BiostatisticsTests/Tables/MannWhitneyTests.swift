// SPDX-License-Identifier: Apache-2.0
import Biostatistics
import Testing

struct MannWhitneyTests {
  static func groups(_ key: String) throws -> ([Double], [Double]) {
    let file = try Oracle.file("mannwhitney")
    guard key != "inline" else {
      let inputs = try file["inputs"]["inline"]
      return (try inputs["x"].numbers, try inputs["y"].numbers)
    }
    let table = try Oracle.table("aSAH")
    let values = try table.numbers(key == "s100b" ? "s100b" : "age")
    let outcomes = try table.flags("outcome")
    let first = values.indices.filter { outcomes[$0] }.map { values[$0] }
    return (first, values.indices.filter { !outcomes[$0] }.map { values[$0] })
  }

  /// For groups of 50 and more with ties the reference falls back to the normal distribution
  /// under the name of the exact test, so only its first row is exact.
  @Test(arguments: ["inline", "age_by_outcome", "s100b"])
  func `agrees with wilcox.test`(key: String) throws {
    let expected = try Oracle.expected("mannwhitney")[key]
    let (first, second) = try Self.groups(key)
    let found = try MannWhitney(first, second)
    #expect(found.statistic == (try expected["W"].number))
    for (corrected, name) in [(true, "p_normal_cc"), (false, "p_normal_nocc")] {
      let p = try found.normal(continuityCorrected: corrected).p
      #expect(isRelativelyClose(p, try expected[name].number, within: 1e-9))
    }
    if let exact = try expected["p_exact_no_ties"].optionalNumber {
      #expect(isRelativelyClose(try found.exact(), exact, within: 1e-10))
    }
  }

  @Test func `the exact p agrees with all divisions, ties included`() throws {
    let seed: UInt64 = 5
    var generator = SeededGenerator(seed: seed)
    for _ in 0..<40 {
      let (m, n) = (
        Int.random(in: 1...6, using: &generator), Int.random(in: 1...6, using: &generator)
      )
      let all = (0..<m + n).map { _ in Double(Int.random(in: 0...5, using: &generator)) }
      let statistic = { (chosen: [Int]) in
        var sum = 0.0
        for one in chosen {
          for two in all.indices where !chosen.contains(two) {
            sum += all[one] > all[two] ? 1 : all[one] == all[two] ? 0.5 : 0
          }
        }
        return sum
      }
      let observed = statistic(Array(0..<m))
      var (below, above, count) = (0.0, 0.0, 0.0)
      for mask in 0..<(1 << (m + n)) where mask.nonzeroBitCount == m {
        let value = statistic((0..<m + n).filter { mask >> $0 & 1 == 1 })
        below += value <= observed ? 1 : 0
        above += value >= observed ? 1 : 0
        count += 1
      }
      let found = try MannWhitney(Array(all.prefix(m)), Array(all.suffix(n)))
      #expect(found.statistic == observed, "seed \(seed)")
      let p = min(1, 2 * min(below, above) / count)
      #expect(isClose(try found.exact(), p, within: 1e-12), "seed \(seed)")
    }
  }

  @Test func `hostile input is refused`() throws {
    #expect(throws: BiostatisticsError.emptyInput) { try MannWhitney([], [1]) }
    #expect(throws: BiostatisticsError.notFinite(input: "values", position: 1)) {
      try MannWhitney([1], [.nan])
    }
    #expect(throws: BiostatisticsError.zeroVariance("ranks")) {
      try MannWhitney([1, 1], [1, 1]).normal()
    }
    #expect(try MannWhitney([1, 1], [1, 1]).exact() == 1)
  }
}
