// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport

/// Compares the service with everything on with the same service without signatures.
///
/// `throughput FOLDER OUTPUT.json [RUNS]`; exit 1 when the share is below 80 %. Both do the same
/// work over TLS: devices of eight sites send sealed batches, one a request, all at once. The
/// runs alternate, and medians are compared.
@main
enum Throughput {
  private static let must = 0.8

  static func main() async throws {
    let arguments = Array(CommandLine.arguments.dropFirst())
    guard arguments.count >= 2 else {
      print("usage: throughput FOLDER OUTPUT.json [RUNS]")
      exit(2)
    }
    let runs = arguments.count > 2 ? max(5, Int(arguments[2]) ?? 5) : 5
    var rows: [ThroughputRow] = []
    for (place, folder) in [("on disk", arguments[0]), ("in memory", "/dev/shm")] {
      let scratch = "\(folder)/lobule-throughput-\(UUID().uuidString)"
      try FileManager.default.createDirectory(atPath: scratch, withIntermediateDirectories: true)
      defer { try? FileManager.default.removeItem(atPath: scratch) }
      rows += try await compare(in: scratch, place, runs: runs)
    }
    try MeasurementFile(rows: rows).write(to: arguments[1])
    exit(rows.allSatisfy(\.pass) ? 0 : 1)
  }

  private static func compare(
    in folder: String,
    _ place: String,
    runs: Int
  ) async throws -> [ThroughputRow] {
    var signed: [Double] = []
    var unsigned: [Double] = []
    for number in 0...runs {
      for isSigned in [number.isMultiple(of: 2), !number.isMultiple(of: 2)] {
        let rate = try await ThroughputRun(
          folder: folder,
          devices: 8,
          batchesPerDevice: number == 0 ? 4 : 40,
          isSigned: isSigned
        ).syncsPerSecond()
        // The first pair only warms up.
        guard number > 0 else { continue }
        if isSigned { signed.append(rate) } else { unsigned.append(rate) }
      }
    }
    let share = median(signed) / median(unsigned)
    print("\(place): \(text(signed)) syncs/s signed, \(text(unsigned)) without; \(text([share]))")
    return [
      ThroughputRow("syncs a second with everything on, \(place)", median(signed), "1/s"),
      ThroughputRow("syncs a second without signatures, \(place)", median(unsigned), "1/s"),
      ThroughputRow("share that is left with everything on, \(place)", share, "", must: must),
    ]
  }

  private static func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    let middle = sorted.count / 2
    return sorted.count.isMultiple(of: 2)
      ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
  }

  private static func text(_ values: [Double]) -> String {
    values.map { String(format: "%.3g", $0) }.joined(separator: " ")
  }
}

/// One figure, with what it must reach.
struct ThroughputRow: Encodable {
  let what: String
  let value: Double
  let unit: String
  let must: Double?
  let stretch: Double?
  let pass: Bool

  init(_ what: String, _ value: Double, _ unit: String, must: Double? = nil) {
    (self.what, self.value, self.unit, self.must) = (what, value, unit, must)
    stretch = must.map { _ in 0.9 }
    pass = must.map { value >= $0 } ?? true
  }
}
