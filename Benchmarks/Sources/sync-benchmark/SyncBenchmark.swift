// SPDX-License-Identifier: Apache-2.0
import Foundation

/// One stage of the sync workload: `sync-benchmark STAGE FOLDER WORKLOAD STUDY`.
///
/// Every stage is a process of its own that leaves its result in the folder, so that its CPU time
/// and peak memory can be taken from outside. What a stage finds out is printed as one JSON object.
@main
struct SyncBenchmark {
  static func main() throws {
    let arguments = CommandLine.arguments
    guard arguments.count == 5 else {
      FileHandle.standardError.write(
        Data("usage: sync-benchmark STAGE FOLDER WORKLOAD STUDY\n".utf8)
      )
      exit(2)
    }
    let bench = try Bench(folder: arguments[2], workload: arguments[3], study: arguments[4])
    let findings = try run(arguments[1], bench)
    let json = try JSONSerialization.data(withJSONObject: findings, options: [.sortedKeys])
    print(String(decoding: json, as: UTF8.self))
  }

  private static func run(_ stage: String, _ bench: Bench) throws -> [String: Any] {
    switch stage {
    case "register": try bench.register()
    case "create": try bench.create()
    case "bulk": try bench.bulk()
    case "export": try bench.export()
    case "import": try bench.take(Bench.Side.b, "wire_forms")
    case "edit": try bench.edit(.a, "edits.csv", to: "wire_edits")
    case "take": try bench.take(.b, "wire_edits")
    case "edit_a": try bench.edit(.a, "side_a.csv", to: "wire_a")
    case "edit_b": try bench.edit(.b, "side_b.csv", to: "wire_b")
    case "merge_a": try bench.take(.a, "wire_b")
    case "merge_b": try bench.take(.b, "wire_a")
    case "few_on_top": return try bench.fewOnTop()
    case "check": return try bench.check()
    default: exit(2)
    }
    return [:]
  }
}
