// SPDX-License-Identifier: Apache-2.0
import Biostatistics
import Testing

struct ProportionTests {
  @Test func `limits agree with R`() throws {
    for row in try Oracle.expected("proportion_ci")["results"].list {
      let proportion = try Proportion(
        successes: Int(row["x"].number),
        total: Int(row["n"].number)
      )
      let wilson = try proportion.wilson()
      let exact = try proportion.clopperPearson()
      expectClose(
        [wilson.low, wilson.high],
        try row["wilson"].numbers(["lower", "upper"]),
        within: 1e-12
      )
      expectClose(
        [exact.low, exact.high],
        try row["clopper_pearson"].numbers(["lower", "upper"]),
        within: 1e-10
      )
    }
  }

  @Test func `no successes leave a lower limit of exactly 0`() throws {
    let none = try Proportion(successes: 0, total: 7)
    #expect(try none.wilson().low == 0)
    #expect(try none.clopperPearson().low == 0)
  }

  @Test func `no trials are refused`() {
    #expect(throws: BiostatisticsError.tooFew(what: "trials", needed: 1, found: 0)) {
      try Proportion(successes: 0, total: 0)
    }
  }
}
