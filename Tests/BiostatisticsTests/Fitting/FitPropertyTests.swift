// SPDX-License-Identifier: Apache-2.0
import Biostatistics
import Testing

/// Fits of small generated cohorts, many of them separated or rank-deficient.
struct FitPropertyTests {
  private struct Cohort {
    let design: DesignMatrix
    let outcomes: [Bool]

    init(seed: UInt64) throws {
      var generator = SeededGenerator(seed: seed)
      let count = Int.random(in: 8...30, using: &generator)
      let width = Int.random(in: 1...4, using: &generator)
      let columns = (0..<width).map { index in
        (0..<count).map { _ in
          index % 2 == 0
            ? Double(Int.random(in: 0...1, using: &generator))
            : Double.random(in: -3...3, using: &generator) * 100
        }
      }
      design = try DesignMatrix(columnNames: (0..<width).map { "x\($0)" }, columns: columns)
      outcomes = (0..<count).map { row in
        columns[0][row] * 3 - 1.5 + Double.random(in: -2...2, using: &generator) > 0
      }
    }
  }

  @Test func `a fit is refused as separated exactly when the data are`() throws {
    var separatedCount = 0
    for seed in UInt64(1)...150 {
      let cohort = try Cohort(seed: seed)
      do throws(BiostatisticsError) {
        let fit = try LogisticFit.fit(cohort.design, outcomes: cohort.outcomes)
        let kind = try Separation.detect(cohort.design, outcomes: cohort.outcomes).kind
        #expect(kind == .none, "seed \(seed)")
        let balance = fit.fitted.reduce(0, +)
        #expect(isClose(balance, Double(fit.events), within: 1e-8), "seed \(seed)")
      } catch {
        switch error {
        case .separated: separatedCount += 1
        case .noEvents, .noNonEvents, .rankDeficient: break
        default: Issue.record("seed \(seed): \(error)")
        }
      }
    }
    #expect(separatedCount > 10)
  }

  @Test func `Firth's fit exists whenever the design has full rank`() throws {
    for seed in UInt64(1)...150 {
      let cohort = try Cohort(seed: seed)
      do throws(BiostatisticsError) {
        let fit = try FirthFit.fit(cohort.design, outcomes: cohort.outcomes, limits: .wald)
        let areFinite = fit.estimates.allSatisfy(\.isFinite)
        #expect(areFinite, "seed \(seed)")
      } catch {
        switch error {
        case .noEvents, .noNonEvents, .rankDeficient: break
        default: Issue.record("seed \(seed): \(error)")
        }
      }
    }
  }

  @Test func `Firth's limits are found and enclose the estimate`() throws {
    for seed in UInt64(1)...12 {
      let cohort = try Cohort(seed: seed)
      do throws(BiostatisticsError) {
        let fit = try FirthFit.fit(cohort.design, outcomes: cohort.outcomes)
        for row in fit.coefficients {
          #expect(row.low.map { $0 < row.estimate } ?? true, "seed \(seed) \(row.term)")
          #expect(row.high.map { $0 > row.estimate } ?? true, "seed \(seed) \(row.term)")
        }
      } catch {
        switch error {
        case .noEvents, .noNonEvents, .rankDeficient: break
        default: Issue.record("seed \(seed): \(error)")
        }
      }
    }
  }

  /// So many rows that the iteration starts from the estimates of a part of them, twice over.
  @Test func `a large cohort of copies has the estimates of the small one`() throws {
    let table = try Oracle.table("birthwt")
    let design = try table.design(["lwt", "smoke"])
    let outcomes = try table.flags("low")
    let copies = 700
    let rows = (0..<copies).flatMap { _ in outcomes.indices }
    let large = try LogisticFit.fit(
      design.selecting(rows: rows),
      outcomes: rows.map { outcomes[$0] }
    )
    let small = try LogisticFit.fit(design, outcomes: outcomes)
    expectClose(large.estimates, small.estimates)
    expectClose(
      large.standardErrors.map { $0 * Double(copies).squareRoot() },
      small.standardErrors
    )
  }
}
