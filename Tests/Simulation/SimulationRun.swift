// SPDX-License-Identifier: Apache-2.0

/// Many worlds, some of them at the same time; each is in one thread and knows nothing of others.
package struct SimulationRun: Sendable {
  /// A world that broke a rule.
  package struct Failure: Error, Sendable, CustomStringConvertible {
    let seed: UInt64
    let size: Int
    let reason: String
    let trace: [String]

    package var description: String {
      "LOBULE_SEED=\(seed) LOBULE_SIZE=\(size) fails: \(reason)\n" + trace.joined(separator: "\n")
    }
  }

  let studies: Studies
  let size: Int
  let threads: Int

  /// Sets up a run.
  package init(studies: Studies, size: Int, threads: Int) {
    (self.studies, self.size, self.threads) = (studies, size, threads)
  }

  /// Runs one world.
  ///
  /// - Returns: What was reached, and the trace.
  /// - Throws: `Failure` when it breaks a rule.
  package func world(_ seed: UInt64) async throws -> (reached: [Landmark: Int], trace: [String]) {
    let simulation: Simulation
    do {
      simulation = try await Simulation(seed: seed, size: size, studies: studies)
    } catch {
      throw Failure(seed: seed, size: size, reason: "\(error)", trace: ["before the first step"])
    }
    do {
      try await simulation.run()
    } catch {
      throw Failure(seed: seed, size: size, reason: "\(error)", trace: simulation.trace)
    }
    return (simulation.reached, simulation.trace)
  }

  /// Runs worlds until all are done or one fails.
  ///
  /// - Parameters:
  ///   - seeds: The seeds.
  ///   - progress: Called with the number of worlds that are done.
  /// - Returns: What was reached, and how often.
  /// - Throws: `Failure` of the first world that broke a rule.
  package func worlds(
    _ seeds: some Sequence<UInt64>,
    progress: @Sendable (Int) -> Void = { _ in }
  ) async throws -> [Landmark: Int] {
    var waiting = seeds.makeIterator()
    return try await withThrowingTaskGroup(of: [Landmark: Int].self) { group in
      for _ in 0..<threads {
        if let seed = waiting.next() { group.addTask { try await world(seed).reached } }
      }
      var reached: [Landmark: Int] = [:]
      var done = 0
      while let found = try await group.next() {
        reached.merge(found, uniquingKeysWith: +)
        done += 1
        progress(done)
        if let seed = waiting.next() { group.addTask { try await world(seed).reached } }
      }
      return reached
    }
  }
}
