// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

@testable import SyncProtocol

struct ZstdTests {
  private let text = Data(String(repeating: "lobule ", count: 500).utf8)

  @Test func `bytes come back, from one compressor used twice`() throws {
    let compressor = try ZstdCompressor()
    for _ in 0..<2 {
      let frame = try compressor.compress(text)
      #expect(frame.count < text.count / 10)
      #expect(try Zstd.decompress(frame, limit: text.count) == text)
    }
  }

  @Test func `a frame that declares more than the limit is refused`() throws {
    let frame = try ZstdCompressor().compress(text)
    #expect(throws: SyncProtocolError.form(.compression)) {
      try Zstd.decompress(frame, limit: text.count - 1)
    }
  }

  @Test func `two frames, a cut frame and other bytes are refused`() throws {
    let frame = try ZstdCompressor().compress(text)
    for bytes in [frame + frame, frame.dropLast(), frame + [0], Data(), Data([1, 2, 3, 4, 5])] {
      #expect(throws: SyncProtocolError.form(.compression)) {
        try Zstd.decompress(bytes, limit: 1 << 20)
      }
    }
  }

  @Test func `a skippable frame is no content`() {
    let frame = Data([0x50, 0x2A, 0x4D, 0x18, 2, 0, 0, 0, 1, 1])
    #expect(throws: SyncProtocolError.form(.compression)) {
      try Zstd.decompress(frame, limit: 1 << 20)
    }
  }
}
