// SPDX-License-Identifier: Apache-2.0

public import Replication

/// Which values of a patient a person has seen, as a short text to give back with a decision.
///
/// For each device that wrote one of the values, the last changeset that was seen: `1a2b3c4d-17`,
/// joined by points. A value written since has a greater number or another device.
public struct ShownHeads: Hashable, Sendable {
  private var lasts: [String: UInt64] = [:]

  /// What a record shows.
  public init(_ registers: some Sequence<Register>) {
    for register in registers {
      for head in register.heads {
        let name = Self.name(head.dot.replica)
        lasts[name] = max(lasts[name] ?? 0, head.dot.sequence)
      }
    }
  }

  /// Reads the text; nil when it is none.
  public init?(_ text: String) {
    guard !text.isEmpty else { return nil }
    for part in text.split(separator: ".", omittingEmptySubsequences: false) {
      let halves = part.split(separator: "-", omittingEmptySubsequences: false)
      guard halves.count == 2, halves[0].utf8.count == 8, let last = UInt64(halves[1]), last > 0,
        halves[0].utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }),
        lasts.updateValue(last, forKey: String(halves[0])) == nil
      else { return nil }
    }
  }

  /// The text.
  public var text: String {
    lasts.sorted { $0.key < $1.key }.map { "\($0.key)-\($0.value)" }.joined(separator: ".")
  }

  /// Says whether a value was there when this was shown.
  public func covers(_ dot: Dot) -> Bool { dot.sequence <= lasts[Self.name(dot.replica)] ?? 0 }

  private static func name(_ replica: ReplicaID) -> String { String(replica.description.prefix(8)) }
}
