// SPDX-License-Identifier: Apache-2.0
import Biostatistics
import Foundation
import Testing

struct FisherExactTestTests {
  @Test(arguments: ["sex_by_response", "regimen_by_response", "zero_cell"])
  func `p values agree with fisher.test`(key: String) throws {
    let expected = try Oracle.expected("chisq_fisher")[key]
    let table = try expected["table"]["values"]["values"].list.map {
      try $0.numbers.map { Int($0) }
    }
    let found = try FisherExactTest.test(table)
    #expect(isRelativelyClose(found.p, try expected["fisher_p"].number, within: 1e-10))
  }

  /// R's uniroot stops within 1.2e-4 of the root in min(ψ, 1/ψ), so its printed odds ratios are
  /// good to that only; ours are held to the equations that define them in the next test.
  @Test(arguments: ["sex_by_response", "zero_cell"])
  func `odds ratios agree with fisher.test as far as it iterates`(key: String) throws {
    let expected = try Oracle.expected("chisq_fisher")[key]
    let table = try expected["table"]["values"]["values"].list.map {
      try $0.numbers.map { Int($0) }
    }
    let ratio = try #require(try FisherExactTest.test(table).oddsRatio)
    let references =
      [try expected["fisher_or_cmle"].number] + (try expected["fisher_or_ci"].numbers)
    for (found, reference) in zip([ratio.estimate, ratio.low, ratio.high], references) {
      let found = try #require(found)
      let error =
        max(found, reference) > 1 ? abs(1 / found - 1 / reference) : abs(found - reference)
      #expect(error < 1.23e-4)
    }
  }

  @Test func `odds ratios solve the equations that define them`() throws {
    // Numbers of the first table by bisection to 16 digits in Python 3.11.
    let ratio = try #require(try FisherExactTest.test([[30, 2], [36, 10]]).oddsRatio)
    expectClose(
      [ratio.estimate, ratio.low, ratio.high].compactMap { $0 },
      [4.100934277903231, 0.7841373524563352, 41.36168763288881],
      within: 1e-11
    )
    let zero = try #require(try FisherExactTest.test([[0, 8], [5, 4]]).oddsRatio)
    expectClose([try #require(zero.high)], [0.9150508538710983], within: 1e-11)
    #expect(zero.estimate == 0 && zero.low == 0)
  }

  @Test func `p agrees with the enumeration of all tables`() throws {
    let seed: UInt64 = 77
    var generator = SeededGenerator(seed: seed)
    let factorial = { (n: Int) in (1...max(1, n)).reduce(1.0) { $0 * Double($1) } }
    for _ in 0..<30 {
      let cells = (0..<4).map { _ in Int.random(in: 0...5, using: &generator) }
      guard cells.reduce(0, +) > 0 else { continue }
      let rows = [cells[0] + cells[1], cells[2] + cells[3]]
      let columns = [cells[0] + cells[2], cells[1] + cells[3]]
      var probabilities: [Int: Double] = [:]
      for count in 0...rows[0] {
        let table = [count, rows[0] - count, columns[0] - count, rows[1] - columns[0] + count]
        guard table.allSatisfy({ $0 >= 0 }) else { continue }
        let top = (rows + columns).reduce(1) { $0 * factorial($1) }
        let bottom = table.reduce(factorial(cells.reduce(0, +))) { $0 * factorial($1) }
        probabilities[count] = top / bottom
      }
      let observed = try #require(probabilities[cells[0]])
      let p = probabilities.values.filter { $0 <= observed * (1 + 1e-7) }.reduce(0, +)
      let found = try FisherExactTest.test([[cells[0], cells[1]], [cells[2], cells[3]]])
      #expect(isClose(found.p, p, within: 1e-11), "seed \(seed)")
    }
  }

  @Test func `hostile tables are refused`() {
    #expect(throws: BiostatisticsError.emptyInput) { try FisherExactTest.test([[0, 0], [0, 0]]) }
    #expect(throws: BiostatisticsError.outOfRange(parameter: "count", value: -1)) {
      try FisherExactTest.test([[-1, 2], [3, 4]])
    }
    #expect(throws: BiostatisticsError.outOfRange(parameter: "tables", value: 101)) {
      try FisherExactTest.test([[50, 60, 70], [80, 50, 60]], tableLimit: 100)
    }
    #expect(throws: BiostatisticsError.self) {
      try FisherExactTest.test([[Int.max, 2], [3, 4]])
    }
  }
}
