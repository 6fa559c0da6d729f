// SPDX-License-Identifier: Apache-2.0
import Foundation

/// Reads a file of any size front to back, some at a time.
struct PieceReader {
  private static let pieceBytes = 1 << 18

  private let file: FileHandle
  private var buffer = Data()

  init(_ url: URL) throws { file = try FileHandle(forReadingFrom: url) }

  /// Exactly so many bytes; nil when the file ends before.
  mutating func bytes(_ count: Int) throws -> Data? {
    while buffer.count < count {
      let wanted = max(count - buffer.count, Self.pieceBytes)
      guard let piece = try file.read(upToCount: wanted), !piece.isEmpty else { return nil }
      buffer.append(piece)
    }
    defer { buffer = Data(buffer.dropFirst(count)) }
    return Data(buffer.prefix(count))
  }

  /// Up to so many lines, without their ends; empty at the end of the file.
  mutating func lines(_ count: Int) throws -> [String] {
    var result: [String] = []
    while result.count < count {
      let piece = try file.read(upToCount: Self.pieceBytes) ?? Data()
      buffer.append(piece)
      if piece.isEmpty, buffer.isEmpty { break }
      var rest = buffer[...]
      while result.count < count, let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
        result.append(String(decoding: rest[..<end], as: UTF8.self))
        rest = rest[(end + 1)...]
      }
      buffer = Data(rest)
      if piece.isEmpty { break }
    }
    return result
  }
}

extension Bench {
  /// The next lines' fields; without quotes, as the workload has none.
  static func fields(_ lines: [String]) -> [[String]] {
    lines.map { line in line.split(separator: ",").map(String.init) }
  }

  /// Batches in a file, each behind its length in four big-endian bytes.
  func write(_ batches: [Data], to name: String) throws {
    let path = folder.appending(path: name).path
    FileManager.default.createFile(atPath: path, contents: nil)
    try append(batches, to: name)
  }

  /// More batches in that file.
  func append(_ batches: [Data], to name: String) throws {
    let file = try FileHandle(forWritingTo: folder.appending(path: name))
    try file.seekToEnd()
    for batch in batches {
      try file.write(contentsOf: withUnsafeBytes(of: UInt32(batch.count).bigEndian) { Data($0) })
      try file.write(contentsOf: batch)
    }
    try file.close()
  }

  /// Reads the batches of a file, one in memory at a time.
  func forEachBatch(_ name: String, _ body: (Data) throws -> Void) throws {
    var file = try PieceReader(folder.appending(path: name))
    while let head = try file.bytes(4) {
      let length = head.reduce(0) { $0 << 8 | Int($1) }
      guard let batch = try file.bytes(length) else { throw BenchError.brokenWorkload }
      try body(batch)
    }
  }
}
