// SPDX-License-Identifier: Apache-2.0
import Foundation
import Synchronization
import Testing

@testable import PooledAnalysis

@Suite struct JobListTests {
  @Test(arguments: [1, 2, 7]) func `values stand in their places`(tasks: Int) {
    var jobs = JobList()
    let squares = jobs.add("squares", count: 100) { $0 * $0 }
    let one = jobs.add("one") { "x" }
    jobs.run(Workers(count: tasks))
    #expect(squares.values() == (0..<100).map { $0 * $0 })
    #expect(one.value == "x")
  }

  @Test(arguments: [1, 3]) func `progress rises to the end of its part`(tasks: Int) {
    let told = Mutex<[Double]>([])
    let workers = Workers(count: tasks) { progress in told.withLock { $0.append(progress.fraction) }
    }
    var jobs = JobList()
    _ = jobs.add("a", count: 20) { $0 }
    jobs.run(workers.within(0.25...0.75))
    let fractions = told.withLock { $0 }
    #expect(fractions == fractions.sorted())
    #expect(fractions.count == 20)
    #expect(abs((fractions.last ?? 0) - 0.75) < 1e-12)
  }

  @Test func `a stream can start at any place`() {
    var whole = SplitMix64(seed: 11)
    for _ in 0..<37 { _ = whole.next() }
    var part = SplitMix64(seed: 11, skipping: 37)
    #expect(whole.next() == part.next())
  }

  @Test func `any number of tasks gives the same figures to the last bit`() throws {
    let plan = try Practice.plan { $0["bootstrap"] = ["samples": 25, "seed": 3] }
    let rows = try Practice.rows()
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    let reports = try [1, 2, 5].map { count in
      try encoder.encode(
        Analysis.analyze(
          rows,
          plan: plan,
          release: Practice.release(),
          workers: Workers(count: count)
        )
      )
    }
    #expect(reports[0] == reports[1])
    #expect(reports[0] == reports[2])
  }
}
