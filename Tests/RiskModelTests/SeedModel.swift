// SPDX-License-Identifier: Apache-2.0
import Foundation
import RiskModel

/// Release 1 and the reference values of the nomogram (R 4.2.2, rms 6.5.0, MASS 7.3.58.2).
enum SeedModel {
  static func bytes(file: String = #filePath) throws -> Data {
    let root = URL(filePath: file).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    return try Data(contentsOf: root.appending(path: "Sources/Registry/Study/model.json"))
  }

  static func release() throws -> ModelRelease { try ModelRelease.decode(bytes()) }

  /// A changed copy of release 1's JSON.
  static func altered(_ change: (inout [String: Any]) -> Void) throws -> Data {
    var object = try JSONSerialization.jsonObject(with: bytes()) as? [String: Any] ?? [:]
    change(&object)
    return try JSONSerialization.data(withJSONObject: object)
  }

  /// The `expected` part of a reference file.
  static func expected(_ name: String, file: String = #filePath) throws -> [String: Any] {
    let url = URL(filePath: file).deletingLastPathComponent().appending(path: "Fixtures/\(name)")
    let object = try JSONSerialization.jsonObject(with: Data(contentsOf: url)) as? [String: Any]
    return object?["expected"] as? [String: Any] ?? [:]
  }

  /// Values of the eight patterns; the thresholds themselves count as high.
  static func inputs(t2: Bool, adc: Bool, nlr: Bool) -> [String: Double] {
    [
      "t2_sir_week8": t2 ? 1.418 : 1.0, "adc_mean_week8": adc ? 1.085 : 0.9,
      "nlr": nlr ? 4.41 : 2.5,
    ]
  }
}
