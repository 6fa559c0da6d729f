// SPDX-License-Identifier: Apache-2.0
import Biostatistics
import Testing

struct KaplanMeierTests {
  private func curve(_ data: String, rows: (DataTable) throws -> [Int]) throws -> KaplanMeier {
    let table = try Oracle.table(data)
    let times = try table.numbers("time")
    let events = try table.flags("status")
    let rows = try rows(table)
    return try KaplanMeier(times: rows.map { times[$0] }, events: rows.map { events[$0] })
  }

  @Test(arguments: [("km_lung", "lung"), ("km_ties_small", "km_ties_small")])
  func `the curve and its limits agree with survfit`(name: String, data: String) throws {
    let expected = try Oracle.expected(name)["overall"]
    let curve = try curve(data) { Array($0.rows.indices) }
    let first = try expected["first20"]
    let steps = curve.steps.prefix(try first["time"].list.count)
    expectClose(steps.map(\.survival), try first["surv"].numbers, within: 1e-12)
    expectClose(
      steps.compactMap(\.standardError),
      try first["greenwood_se_of_S"].numbers,
      within: 1e-12
    )
    #expect(steps.map(\.atRisk) == (try first["n_risk"].numbers.map { Int($0) }))

    let at = try expected["at_times"]
    for (index, time) in try at["time"].numbers.enumerated() {
      let step = try #require(curve.step(at: time))
      let limits = try #require(step.limits)
      expectClose(
        [step.survival, try #require(step.standardError), limits.low, limits.high],
        try ["surv", "std_err", "loglog_lower", "loglog_upper"].map { try at[$0].numbers[index] },
        within: 1e-10
      )
      #expect(curve.atRisk(at: time) == Int(try at["n_risk"].numbers[index]))
    }
  }

  @Test(arguments: [("km_lung", "lung"), ("km_ties_small", "km_ties_small")])
  func `quartiles and their limits agree with survfit`(name: String, data: String) throws {
    let expected = try Oracle.expected(name)["overall"]
    let curve = try curve(data) { Array($0.rows.indices) }
    #expect(curve.median.time == (try expected["median"].optionalNumber))
    #expect(curve.median.low == (try expected["median_lower_loglog"].optionalNumber))
    #expect(curve.median.high == (try expected["median_upper_loglog"].optionalNumber))
    for (index, probability) in [0.25, 0.5, 0.75].enumerated() {
      let found = curve.quantile(probability)
      let quartiles = try expected["quartiles"]
      let reference = try ["q", "lower", "upper"].map {
        try quartiles[$0]["values"].list[index].list[0].optionalNumber
      }
      #expect([found.time, found.low, found.high] == reference)
    }
  }

  @Test(arguments: [
    ("km_lung", "lung", "by_sex", "sex"), ("km_ties_small", "km_ties_small", "by", "group"),
  ])
  func `medians of groups agree with survfit`(
    name: String,
    data: String,
    key: String,
    column: String
  ) throws {
    let expected = try Oracle.expected(name)[key]
    for index in 0..<2 {
      let curve = try curve(data) { table in
        let groups = try table.numbers(column)
        return groups.indices.filter { groups[$0] == Double(index + 1) }
      }
      #expect(curve.median.time == (try expected["median"].list[index].optionalNumber))
      #expect(curve.median.low == (try expected["median_lower_loglog"].list[index].optionalNumber))
      #expect(curve.median.high == (try expected["median_upper_loglog"].list[index].optionalNumber))
      for (position, probability) in [0.25, 0.5, 0.75].enumerated() {
        let found = curve.quantile(probability)
        let quartiles = try expected["quartiles"]
        let reference = try ["q", "lower", "upper"].map {
          try quartiles[$0]["values"].list[index].list[position].optionalNumber
        }
        #expect([found.time, found.low, found.high] == reference)
      }
    }
  }

  @Test(arguments: [
    ("km_lung", "lung", "by_sex", "sex"), ("km_ties_small", "km_ties_small", "by", "group"),
  ])
  func `restricted means agree with survfit`(
    name: String,
    data: String,
    key: String,
    column: String
  ) throws {
    let expected = try Oracle.expected(name)
    let whole = try curve(data) { Array($0.rows.indices) }
    // The common horizon: the longest time over all curves.
    let horizon = try #require(whole.steps.last?.time)
    let mean = try whole.restrictedMean(to: horizon)
    expectClose(
      [mean.value, mean.standardError],
      try expected["overall"].numbers(["rmean", "se_rmean"]),
      within: 1e-10
    )
    for index in 0..<2 {
      let curve = try curve(data) { table in
        let groups = try table.numbers(column)
        return groups.indices.filter { groups[$0] == Double(index + 1) }
      }
      let mean = try curve.restrictedMean(to: horizon)
      expectClose(
        [mean.value, mean.standardError],
        [
          try expected[key]["rmean"].numbers[index], try expected[key]["se_rmean"].numbers[index],
        ],
        within: 1e-10
      )
    }
  }

  @Test(arguments: [("km_lung", "lung"), ("km_ties_small", "km_ties_small")])
  func `limits on the log scale and the hazard agree with survfit`(
    name: String,
    data: String
  ) throws {
    let expected = try Oracle.expected(name)["overall"]
    let table = try Oracle.table(data)
    let curve = try KaplanMeier(
      times: table.numbers("time"),
      events: table.flags("status"),
      limitScale: .log
    )
    #expect(curve.median.low == (try expected["median_lower_log"].optionalNumber))
    #expect(curve.median.high == (try expected["median_upper_log"].optionalNumber))
    let at = try expected["at_times"]
    for (index, time) in try at["time"].numbers.enumerated() {
      let limits = try #require(curve.step(at: time)?.limits)
      expectClose(
        [limits.low, limits.high],
        [try at["log_lower"].numbers[index], try at["log_upper"].numbers[index]],
        within: 1e-10
      )
    }
    let first = try expected["first20"]["cumhaz"].numbers
    expectClose(curve.steps.prefix(first.count).map(\.cumulativeHazard), first, within: 1e-12)
  }

  @Test func `the median of a flat stretch at one half is its middle`() throws {
    let curve = try KaplanMeier(times: [1, 2, 3, 4], events: [true, true, true, true])
    #expect(curve.median.time == 2.5)
  }

  @Test func `survival after the last censored time is unknown`() throws {
    let curve = try KaplanMeier(times: [1, 2], events: [true, false])
    #expect(curve.survival(at: 0.5) == 1)
    #expect(curve.survival(at: 2) == 0.5)
    #expect(curve.survival(at: 2.5) == nil)
  }

  @Test func `a negative time is refused`() {
    #expect(throws: BiostatisticsError.outOfRange(parameter: "time", value: -1)) {
      try KaplanMeier(times: [-1], events: [true])
    }
  }

  /// Whole numbers are counted; the same times in another unit are sorted.
  @Test func `counted times agree with sorted ones`() throws {
    var generator = SeededGenerator(seed: 6)
    let times = (0..<500).map { _ in Double(Int.random(in: 0...60, using: &generator)) }
    let events = times.map { _ in Bool.random(using: &generator) }
    let counted = try KaplanMeier(times: times, events: events)
    let sorted = try KaplanMeier(times: times.map { $0 * 0.37 }, events: events)
    #expect(counted.steps.map(\.time) == sorted.steps.map { ($0.time / 0.37).rounded() })
    #expect(counted.steps.map(\.survival) == sorted.steps.map(\.survival))
    #expect(counted.steps.map(\.limits) == sorted.steps.map(\.limits))
    #expect(counted.steps.map(\.atRisk) == sorted.steps.map(\.atRisk))
    #expect(counted.steps.map(\.censored) == sorted.steps.map(\.censored))
  }
}
