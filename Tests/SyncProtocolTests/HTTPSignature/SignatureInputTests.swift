// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import SyncProtocol

@Suite struct SignatureInputTests {
  /// Parameters in canonical form, with their keys.
  private static let parameters = [
    ("a", ";a"), ("a", ";a=1"), ("b", ";b=\"c;c (\""), ("c", ";c=t"), ("d", ";d=:AAE=:"),
  ]

  /// Up to three parameters, and whether two of them have one key.
  private static func run(
    using generator: inout SeededGenerator
  ) -> (text: String, repeats: Bool) {
    let chosen = (0..<Int.random(in: 0...3, using: &generator)).map { _ in
      parameters[Int.random(in: 0..<parameters.count, using: &generator)]
    }
    return (chosen.map(\.1).joined(), Set(chosen.map(\.0)).count < chosen.count)
  }

  @Test func `a parameter or component that is there twice is refused, and nothing else`() {
    for number in 0..<1000 {
      var generator = SeededGenerator(seed: SeededGenerator.seed &+ UInt64(number))
      var components: [String] = []
      let list = Self.run(using: &generator)
      var repeats = list.repeats
      for _ in 0..<Int.random(in: 0...3, using: &generator) {
        let own = Self.run(using: &generator)
        components.append(["\"x\"", "\"y\""][Int.random(in: 0...1, using: &generator)] + own.text)
        repeats = repeats || own.repeats
      }
      repeats = repeats || Set(components).count < components.count
      let text = "lobule=(\(components.joined(separator: " ")))\(list.text)"
      let refusal = Self.refusal(of: text)
      #expect(
        refusal == (repeats ? .duplicate : nil),
        "case \(number), \(text); reproduce with LOBULE_SEED=\(SeededGenerator.seed) swift test"
      )
    }
  }

  private static func refusal(of text: String) -> SignatureRefusal? {
    do throws(SignatureRefusal) {
      _ = try SignatureInput(text, label: "lobule")
      return nil
    } catch { return error }
  }
}
