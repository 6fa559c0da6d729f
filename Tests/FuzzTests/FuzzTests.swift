// SPDX-License-Identifier: Apache-2.0

import Foundation
import FuzzTargets
import Testing

/// The fuzz targets over their seeds, past crashes and many damaged copies; `make fuzz` goes on
/// from here for as long as one likes.
@Suite struct FuzzTests {
  private static let seed =
    ProcessInfo.processInfo.environment["LOBULE_SEED"].flatMap(UInt64.init) ?? 1
  private static let copies = 150

  /// Good bytes to start from, or bytes that once broke the parser.
  private static func files(_ kind: String, of target: FuzzTarget) throws -> [URL] {
    let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    let folder = tests.appending(path: "Fuzz/\(kind)/\(target.rawValue)")
    guard FileManager.default.fileExists(atPath: folder.path) else { return [] }
    return try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
      .map { folder.appending(path: $0) }
  }

  @Test(arguments: FuzzTarget.allCases)
  func `a parser takes its seeds and damaged copies without a trap`(target: FuzzTarget) throws {
    let seeds = try Self.files("Seeds", of: target)
    try #require(!seeds.isEmpty, "no seeds for \(target)")
    for file in try seeds + Self.files("Crashes", of: target) {
      let (name, bytes) = (file.lastPathComponent, try Data(contentsOf: file))
      #expect(throws: Never.self, "\(name)") { try target.run(bytes) }
      var damage = Damage(seed: Self.seed)
      for copy in 0..<Self.copies {
        let damaged = damage.damaged(bytes.prefix(1 << 15))
        #expect(throws: Never.self, "\(name), seed \(Self.seed), copy \(copy)") {
          try target.run(damaged)
        }
      }
    }
  }
}

/// Damages bytes: flips, cuts, repeats, numbers at their limits; the same again under a seed.
private struct Damage {
  private static let words: [[UInt8]] = [
    Array("NaN".utf8), Array("1e308".utf8), Array("-1".utf8), Array("9223372036854775808".utf8),
    Array("\"".utf8), Array("[[[[[[[[".utf8), Array(",,".utf8), Array("\n".utf8), [0],
    [0xFF, 0xFF],
    [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F], [0xC3, 0x28], [0xEF, 0xBB, 0xBF],
  ]
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func damaged(_ bytes: Data) -> Data {
    var bytes = Array(bytes)
    for _ in 0...(next() % 4) {
      let place = bytes.isEmpty ? 0 : Int(next() % UInt64(bytes.count))
      let length = min(Int(next() % 64), bytes.count - place)
      switch next() % 5 {
      case 0 where !bytes.isEmpty: bytes[place] ^= 1 << UInt8(next() % 8)
      case 1: bytes.removeSubrange(place..<(place + length))
      case 2: bytes.insert(contentsOf: bytes[place..<(place + length)], at: place)
      case 3:
        bytes.insert(contentsOf: Self.words[Int(next() % UInt64(Self.words.count))], at: place)
      default: bytes.removeLast(min(length, bytes.count))
      }
    }
    return Data(bytes)
  }

  /// SplitMix64 (Steele, Lea & Flood 2014).
  private mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
