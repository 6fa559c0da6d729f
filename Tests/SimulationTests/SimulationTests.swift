// SPDX-License-Identifier: Apache-2.0

import Foundation
import Registry
import Testing

/// Many small worlds, each from one seed.
///
/// `LOBULE_SEED=n` runs one seed with its whole trace, `LOBULE_SEEDS=n` runs that many from
/// `LOBULE_FIRST_SEED` on, `LOBULE_SIZE=n` makes each of them larger.
@Suite(.serialized) struct SimulationTests {
  private static let environment = ProcessInfo.processInfo.environment

  private static func number(_ name: String) -> UInt64? { environment[name].flatMap(UInt64.init) }

  @Test func `no fault loses, splits or invents a change`() async throws {
    let size = Int(Self.number("LOBULE_SIZE") ?? 0)
    let study = try Study.embedded()
    if let seed = Self.number("LOBULE_SEED") {
      let trace = try await Self.run(seed, size, study).trace
      print(trace.joined(separator: "\n"))
      return
    }
    let first = Self.number("LOBULE_FIRST_SEED") ?? 1
    let count = Self.number("LOBULE_SEEDS") ?? 100
    var reached: [Landmark: Int] = [:]
    for seed in first..<(first + count) {
      reached.merge(try await Self.run(seed, size, study).reached, uniquingKeysWith: +)
    }
    let counts = Landmark.allCases.map { "\($0) \(reached[$0] ?? 0)" }
    print("\(count) worlds from \(first): \(counts.joined(separator: ", "))")
    if count >= 100 {
      #expect(Landmark.allCases.filter { reached[$0] == nil }.isEmpty, "never reached")
    }
  }

  @Test func `a seed tells the same story again`() async throws {
    let study = try Study.embedded()
    let seed = Self.number("LOBULE_SEED") ?? 7
    let first = try await Self.run(seed, 0, study).trace
    #expect(try await Self.run(seed, 0, study).trace == first)
  }

  /// Runs one seed; a failure says the seed and what had happened.
  private static func run(_ seed: UInt64, _ size: Int, _ study: Study) async throws -> Simulation {
    let simulation = try await Simulation(seed: seed, size: size, study: study)
    do {
      try await simulation.run()
    } catch {
      let trace = simulation.trace.joined(separator: "\n")
      Issue.record("LOBULE_SEED=\(seed) LOBULE_SIZE=\(size) fails: \(error)\n\(trace)")
      throw error
    }
    return simulation
  }
}
