// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import simulate

/// Many small worlds, each from one seed; `make simulate` runs more of them, optimised.
///
/// `LOBULE_SEEDS=n` runs that many from `LOBULE_FIRST_SEED` on.
@Suite(.serialized) struct SimulationTests {
  private static func number(_ name: String) -> UInt64? {
    ProcessInfo.processInfo.environment[name].flatMap(UInt64.init)
  }

  private static func run() throws -> SimulationRun {
    SimulationRun(
      studies: try Studies(),
      size: 0,
      threads: ProcessInfo.processInfo.processorCount
    )
  }

  @Test func `no fault loses, splits or invents a change`() async throws {
    let first = Self.number("LOBULE_FIRST_SEED") ?? 1
    let count = Self.number("LOBULE_SEEDS") ?? 100
    let reached = try await Self.run().worlds(first..<(first + count))
    // Few worlds cannot come across everything; `make simulate` asks for all of it.
    let few = Landmark.allCases.count { reached[$0] == nil }
    if count >= 100 { #expect(few <= 3, "\(few) kinds of events never happened") }
  }

  @Test func `a seed tells the same story again`() async throws {
    let run = try Self.run()
    let first = try await run.world(7).trace
    #expect(try await run.world(7).trace == first)
  }
}
