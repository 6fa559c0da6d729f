// SPDX-License-Identifier: Apache-2.0
import Foundation

/// One task of the statistics benchmark: `statistics-benchmark TASK FILE`.
///
/// Every task is a process of its own. It prints the seconds of reading the table and those of
/// computing, with numbers to compare with those of other programs, as one JSON object.
@main
struct StatisticsBenchmark {
  static func main() throws {
    let arguments = CommandLine.arguments
    guard arguments.count == 3, let task = StatisticsTask(rawValue: arguments[1]) else {
      let tasks = StatisticsTask.allCases.map(\.rawValue).joined(separator: ", ")
      FileHandle.standardError.write(
        Data("usage: statistics-benchmark TASK FILE, with TASK one of \(tasks)\n".utf8)
      )
      exit(2)
    }
    let clock = ContinuousClock()
    let started = clock.now
    let table = try BenchmarkTable(file: arguments[2], task: task)
    let loaded = clock.now
    let check = try task.run(table)
    let computed = clock.now
    let result: [String: Any] = [
      "load": seconds(started, loaded), "compute": seconds(loaded, computed), "check": check,
    ]
    let json = try JSONSerialization.data(withJSONObject: result, options: [.sortedKeys])
    print(String(decoding: json, as: UTF8.self))
  }

  private static func seconds(
    _ start: ContinuousClock.Instant,
    _ end: ContinuousClock.Instant
  ) -> Double {
    let (seconds, attoseconds) = (end - start).components
    return Double(seconds) + Double(attoseconds) * 1e-18
  }
}
