// SPDX-License-Identifier: Apache-2.0

import Foundation
import SyncProtocol

/// Where two texts first differ, by keys and never by values.
enum ReplayDifference {
  private static let limitBytes = 1 << 26

  /// The patient of the first line of two cuts that differs.
  static func line(_ recorded: Data, _ made: Data) -> String? {
    let left = recorded.split(separator: 0x0A)
    let right = made.split(separator: 0x0A)
    for index in 0..<max(left.count, right.count) {
      let first = index < left.count ? left[index] : nil
      let second = index < right.count ? right[index] : nil
      guard first != second else { continue }
      let names = [first, second].map { $0.flatMap(name) ?? "no row" }
      guard names[0] == names[1], let first, let second else {
        return "row \(index + 1): \(names[0]) on record, \(names[1]) from the log"
      }
      let path = json(Data(first), Data(second)) ?? ""
      return "row \(index + 1), \(names[0]): \(path)"
    }
    return nil
  }

  /// The path of the first value of two JSON documents that differs.
  static func json(_ recorded: Data, _ made: Data) -> String? {
    guard let left = try? StrictJSON.parse(recorded, maximumBytes: limitBytes),
      let right = try? StrictJSON.parse(made, maximumBytes: limitBytes)
    else { return nil }
    return path(left, right)
  }

  private static func name(_ line: Data) -> String? {
    guard let json = try? StrictJSON.parse(line), case .object(let members) = json,
      let site = members["site"]?.text, let patient = members["patient"]?.text
    else { return nil }
    return "site \(site), patient \(patient)"
  }

  private static func path(_ left: StrictJSON, _ right: StrictJSON) -> String? {
    guard left != right else { return nil }
    switch (left, right) {
    case (.object(let first), .object(let second)):
      for name in Set(first.keys).union(second.keys).sorted() where first[name] != second[name] {
        guard let one = first[name], let other = second[name] else { return name }
        return joined(name, path(one, other))
      }
    case (.array(let first), .array(let second)):
      for (index, pair) in zip(first, second).enumerated() where pair.0 != pair.1 {
        return joined("[\(index)]", path(pair.0, pair.1))
      }
      return "[\(min(first.count, second.count))]"
    default: break
    }
    return ""
  }

  private static func joined(_ name: String, _ rest: String?) -> String {
    guard let rest, !rest.isEmpty else { return name }
    return rest.hasPrefix("[") ? name + rest : "\(name).\(rest)"
  }
}
