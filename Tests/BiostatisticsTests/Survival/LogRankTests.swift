// SPDX-License-Identifier: Apache-2.0
import Biostatistics
import Testing

struct LogRankTests {
  @Test(arguments: [("by_sex", "lung", "sex"), ("small", "km_ties_small", "group")])
  func `agrees with survdiff`(key: String, data: String, column: String) throws {
    let expected = try Oracle.expected("logrank_lung")[key]
    let table = try Oracle.table(data)
    let result = try LogRank.test(
      times: table.numbers("time"),
      events: table.flags("status"),
      groups: table.numbers(column).map { Int($0) }
    )
    #expect(result.counts == (try expected["n"].numbers.map { Int($0) }))
    #expect(result.observed == (try expected["observed"].numbers.map { Int($0) }))
    expectClose(result.expected, try expected["expected"].numbers, within: 1e-10)
    expectClose(
      [result.test.statistic, result.test.p],
      try expected.numbers(["chisq", "p"]),
      within: 1e-10
    )
    expectClose(
      result.covariance.values,
      try expected["var"]["values"].list.flatMap { try $0.numbers },
      within: 1e-10
    )
  }

  @Test(arguments: [("by_sex", "lung", "sex"), ("small", "km_ties_small", "group")])
  func `rho of 1 agrees with survdiff`(key: String, data: String, column: String) throws {
    let expected = try Oracle.expected("logrank_lung")[key]
    let table = try Oracle.table(data)
    let result = try LogRank.test(
      times: table.numbers("time"),
      events: table.flags("status"),
      groups: table.numbers(column).map { Int($0) },
      rho: 1
    )
    expectClose(
      [result.test.statistic, result.test.p],
      try expected.numbers(["peto_rho1_chisq", "peto_rho1_p"]),
      within: 1e-10
    )
  }

  @Test func `strata agree with survdiff`() throws {
    let expected = try Oracle.expected("logrank_lung")["stratified"]
    let table = try Oracle.table("lung")
    let strata = try table.optionalNumbers("ph.ecog")
    let rows = strata.indices.filter { strata[$0] != nil }
    let times = try table.numbers("time")
    let events = try table.flags("status")
    let sex = try table.numbers("sex")
    let result = try LogRank.test(
      times: rows.map { times[$0] },
      events: rows.map { events[$0] },
      groups: rows.map { Int(sex[$0]) },
      strata: rows.compactMap { strata[$0] }.map { Int($0) }
    )
    expectClose(
      [result.test.statistic, result.test.p],
      try expected.numbers(["chisq", "p"]),
      within: 1e-10
    )
  }

  /// Whole numbers are counted; the same times in another unit are sorted.
  @Test(arguments: [0.0, 0.5, 1], [[0, 1, 2], [-7, 300, 12]])
  func `counted times agree with sorted ones`(rho: Double, labels: [Int]) throws {
    var generator = SeededGenerator(seed: 5)
    let times = (0..<400).map { _ in Double(Int.random(in: 0...90, using: &generator)) }
    let events = times.map { _ in Bool.random(using: &generator) }
    let groups = times.map { _ in labels[Int.random(in: 0...2, using: &generator)] }
    let counted = try LogRank.test(times: times, events: events, groups: groups, rho: rho)
    let sorted = try LogRank.test(
      times: times.map { $0 * 0.37 },
      events: events,
      groups: groups,
      rho: rho
    )
    #expect(counted == sorted)
  }

  /// R 4.2.2, survival 3.5-3: survdiff leaves the third group out and has one degree of freedom.
  @Test func `a group never at risk at an event does not count`() throws {
    let times: [Double] = [5, 8, 12, 20, 7, 9, 15, 1, 2]
    let events = [true, true, false, true, true, true, true, false, false]
    let groups = [0, 0, 0, 0, 1, 1, 1, 2, 2]
    let all = try LogRank.test(times: times, events: events, groups: groups)
    let two = try LogRank.test(
      times: Array(times.prefix(7)),
      events: Array(events.prefix(7)),
      groups: Array(groups.prefix(7))
    )
    #expect(all.test.degreesOfFreedom == 1)
    #expect(isClose(all.test.statistic, two.test.statistic, within: 1e-12))
    #expect(isClose(all.test.statistic, 0.3650636258469678, within: 1e-10))
  }

  @Test func `one group is refused`() {
    #expect(throws: BiostatisticsError.tooFew(what: "groups", needed: 2, found: 1)) {
      try LogRank.test(times: [1, 2], events: [true, true], groups: [1, 1])
    }
  }
}
