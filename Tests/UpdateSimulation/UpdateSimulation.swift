// SPDX-License-Identifier: Apache-2.0
import Biostatistics
import Foundation
import PooledAnalysis
import Registry
import RiskModel
import TestSupport

/// Simulates registries under known truths and counts what the plan's gate releases.
///
/// `update-simulation REPEATS SEED OUTPUT.json [TASKS]`; exit 1 when a bar is missed.
@main
enum UpdateSimulation {
  static func main() async throws {
    let arguments = CommandLine.arguments.dropFirst()
    let numbers = arguments.map { UInt64($0) }
    guard arguments.count >= 3, let repeats = numbers.first ?? nil, let seed = numbers[1] else {
      print("usage: update-simulation REPEATS SEED OUTPUT.json [TASKS]")
      exit(2)
    }
    let output = arguments[arguments.startIndex + 2]
    let tasks = numbers.count > 3 ? Int(numbers[3] ?? 2) : 2
    let study = try Study.embedded()
    let plan = try AnalysisPlan.decode(Data(study.planBytes))
    let release = try ModelRelease.decode(Data(study.seedModelBytes))
    guard let rules = plan.gate else {
      print("the plan has no gate")
      exit(2)
    }
    let world = World(
      plan: plan,
      rules: rules,
      coefficients: [release.intercept] + release.coefficients,
      covariance: release.covariance
    )
    print("\(repeats) repeats a truth, seed \(seed), \(Truth.siteCount) sites; plan \(plan.name)")
    var rows: [ReportRow] = []
    for (index, truth) in Truth.all.enumerated() {
      for size in Truth.sizes {
        let start = seed &+ UInt64(index) &* 1_000_003 &+ UInt64(size) &* 7_919
        let found = await Self.run(truth, size, world, Int(repeats), start, tasks)
        rows += Self.report(truth, size, found, seed: start)
      }
    }
    try MeasurementFile(rows: rows).write(to: output)
    let missed = rows.filter { !$0.pass }
    for row in missed { print("missed: \(row.what): \(row.value) (must \(row.must))") }
    exit(missed.isEmpty ? 0 : 1)
  }

  private static func run(
    _ truth: Truth,
    _ size: Int,
    _ world: World,
    _ repeats: Int,
    _ seed: UInt64,
    _ tasks: Int
  ) async -> [Repeat] {
    await withTaskGroup(of: [Repeat].self) { group in
      for task in 0..<tasks {
        group.addTask {
          stride(from: task, to: repeats, by: tasks).map { index in
            // Spread the seeds: neighbouring ones give unrelated streams.
            var spread = SplitMix64(seed: seed &+ UInt64(index))
            let own = spread.next()
            if task == 0, index % 20 == 0 {
              print("\r\(truth.name), n \(size): \(index) of \(repeats)", terminator: "  ")
              fflush(nil)
            }
            return Repeat.run(truth, size: size, world: world, seed: own)
          }
        }
      }
      var all: [Repeat] = []
      for await part in group { all += part }
      print("\r", terminator: "")
      return all
    }
  }
}
