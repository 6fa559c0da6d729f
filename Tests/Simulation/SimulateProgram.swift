// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Runs worlds from the command line: `make simulate`.
///
/// `LOBULE_SEED=n` runs one seed and prints its trace; `LOBULE_SEEDS=n` runs that many from
/// `LOBULE_FIRST_SEED` on, `LOBULE_THREADS` at a time, after those that `LOBULE_HINTS` lists;
/// `LOBULE_SIZE=n` makes each of them larger.
@main struct SimulateProgram {
  static func main() async {
    let environment = ProcessInfo.processInfo.environment
    func number(_ name: String) -> UInt64? { environment[name].flatMap(UInt64.init) }
    let start = ContinuousClock.now
    do {
      let run = SimulationRun(
        studies: try Studies(),
        size: Int(number("LOBULE_SIZE") ?? 0),
        threads: Int(number("LOBULE_THREADS") ?? UInt64(ProcessInfo.processInfo.processorCount))
      )
      if let seed = number("LOBULE_SEED") {
        print(try await run.world(seed).trace.joined(separator: "\n"))
        return
      }
      let first = number("LOBULE_FIRST_SEED") ?? 1
      let count = number("LOBULE_SEEDS") ?? 100
      let hints = (environment["LOBULE_HINTS"] ?? "").split(separator: " ").compactMap {
        UInt64($0)
      }
      let reached = try await run.worlds(hints + Array(first..<(first + count))) { done in
        if done % 1000 == 0 { FileHandle.standardError.write(Data("\(done) worlds\n".utf8)) }
      }
      let seconds = (ContinuousClock.now - start) / .seconds(1)
      let counts = Landmark.allCases.map { "\($0) \(reached[$0] ?? 0)" }.joined(separator: ", ")
      print("\(count) worlds from \(first) in \(Int(seconds)) s: \(counts)")
      let missing = Landmark.allCases.filter { reached[$0] == nil }
      if count >= 1000, !missing.isEmpty {
        print("never reached: \(missing)")
        exit(1)
      }
    } catch {
      print("\(error)")
      exit(1)
    }
  }
}
