// SPDX-License-Identifier: Apache-2.0
import Biostatistics
import Testing

struct ConcordanceTests {
  @Test func `agrees with the count over all pairs`() throws {
    let seed: UInt64 = 41
    var generator = SeededGenerator(seed: seed)
    for _ in 0..<100 {
      let count = Int.random(in: 3...25, using: &generator)
      let scores = (0..<count).map { _ in Double(Int.random(in: 0...6, using: &generator)) }
      let times = (0..<count).map { _ in Double(Int.random(in: 1...8, using: &generator)) }
      let events = (0..<count).map { _ in Bool.random(using: &generator) }
      guard
        let found = try? Concordance.measure(scores: scores, times: times, events: events)
      else { continue }
      var counts = [0, 0, 0]
      var numerator = [Double](repeating: 0, count: count)
      var denominator = numerator
      for first in 0..<count where events[first] {
        for second in 0..<count {
          let isLater =
            times[second] > times[first] || (times[second] == times[first] && !events[second])
          guard isLater else { continue }
          let kind =
            scores[first] > scores[second] ? 0 : scores[first] < scores[second] ? 1 : 2
          counts[kind] += 1
          for row in [first, second] {
            numerator[row] += [1, 0, 0.5][kind]
            denominator[row] += 1
          }
        }
      }
      #expect([found.concordant, found.discordant, found.tiedScores] == counts, "seed \(seed)")
      let total = Double(found.comparable)
      let value = (Double(counts[0]) + Double(counts[2]) / 2) / total
      let variance = zip(numerator, denominator).reduce(0) { sum, pair in
        let influence = (pair.0 - value * pair.1) / total
        return sum + influence * influence
      }
      expectClose(
        [found.estimate.value, found.estimate.variance],
        [value, variance],
        within: 1e-12
      )
    }
  }

  @Test func `censored patients alone are refused`() {
    #expect(throws: BiostatisticsError.tooFew(what: "comparable pairs", needed: 1, found: 0)) {
      try Concordance.measure(scores: [1, 2], times: [1, 2], events: [false, false])
    }
  }

  @Test func `infinite scores are ranked and not-a-number is refused`() throws {
    let found = try Concordance.measure(
      scores: [.infinity, 0, -.infinity],
      times: [1, 2, 3],
      events: [true, true, true]
    )
    #expect(found.estimate.value == 1)
    #expect(throws: BiostatisticsError.notFinite(input: "scores", position: 0)) {
      try Concordance.measure(scores: [.nan, 0], times: [1, 2], events: [true, true])
    }
  }
}
