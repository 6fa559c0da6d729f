// SPDX-License-Identifier: Apache-2.0
import Biostatistics
import Testing

struct QuantileTests {
  @Test func `type 7 agrees with R`() throws {
    let file = try Oracle.file("misc_tests")
    let values = try file["inputs"]["q"].numbers
    let found = try [0.1, 0.25, 0.5, 0.75, 0.9].map { try Quantile.type7(values, $0) }
    expectClose(found, try file["expected"]["quantile7"].numbers, within: 1e-14)
  }

  @Test func `the ends are the smallest and largest value`() throws {
    #expect(try Quantile.type7([3, 1, 2], 0) == 1)
    #expect(try Quantile.type7([3, 1, 2], 1) == 3)
  }

  @Test func `the median of nobody is refused`() {
    #expect(throws: BiostatisticsError.emptyInput) { try Quantile.median([]) }
  }
}
