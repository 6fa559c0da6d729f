// SPDX-License-Identifier: Apache-2.0
import CZstd
import Foundation

/// A zstd compressor that is used for many frames.
///
/// The C context belongs to this value alone, which frees it.
struct ZstdCompressor: ~Copyable {
  private let context: OpaquePointer

  /// The compression level: 3, zstd's own default.
  private static let level: Int32 = 3

  init() throws(SyncProtocolError) {
    guard let context = ZSTD_createCCtx() else { throw .compressionFailed }
    self.context = context
  }

  deinit { ZSTD_freeCCtx(context) }

  /// Compresses bytes to one frame that states its content size.
  ///
  /// The parts between the cuts become blocks of their own, each with the code that fits it. Cuts
  /// are positions in the bytes, rising strictly.
  func compress(_ bytes: Data, cuts: [Int] = []) throws(SyncProtocolError) -> Data {
    guard ZSTD_isError(ZSTD_CCtx_reset(context, ZSTD_reset_session_and_parameters)) == 0,
      ZSTD_isError(ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, Self.level)) == 0,
      ZSTD_isError(ZSTD_CCtx_setPledgedSrcSize(context, UInt64(bytes.count))) == 0
    else { throw .compressionFailed }
    // Every block, cut or not, may be stored as it is behind a header of three bytes.
    var frame = Data(count: ZSTD_compressBound(bytes.count) + 16 * (cuts.count + 1))
    let size = frame.withUnsafeMutableBytes { target in
      bytes.withUnsafeBytes { source in compress(source, cuts + [source.count], to: target) }
    }
    guard let size else { throw .compressionFailed }
    frame.count = size
    return frame
  }

  /// Writes the frame; nil when the compressor fails.
  ///
  /// The buffers stay the caller's.
  private func compress(
    _ source: UnsafeRawBufferPointer,
    _ ends: [Int],
    to target: UnsafeMutableRawBufferPointer
  ) -> Int? {
    var output = ZSTD_outBuffer(dst: target.baseAddress, size: target.count, pos: 0)
    var input = ZSTD_inBuffer(src: source.baseAddress, size: 0, pos: 0)
    for (index, end) in ends.enumerated() {
      input.size = end
      let directive = index == ends.count - 1 ? ZSTD_e_end : ZSTD_e_flush
      guard ZSTD_compressStream2(context, &output, &input, directive) == 0,
        input.pos == end
      else { return nil }
    }
    return output.pos
  }
}

/// Decompression of single frames.
enum Zstd {
  /// Decompresses one frame that states a content size within the limit and has just that size.
  ///
  /// The size is checked before anything is decompressed.
  static func decompress(_ frame: Data, limit: Int) throws(SyncProtocolError) -> Data {
    let declared = frame.withUnsafeBytes { source -> UInt64? in
      guard ZSTD_findFrameCompressedSize(source.baseAddress, source.count) == source.count else {
        return nil
      }
      // Unknown and erroneous sizes are the two greatest numbers, beyond every limit.
      return ZSTD_getFrameContentSize(source.baseAddress, source.count)
    }
    guard let declared, declared > 0, declared <= UInt64(limit) else { throw .form(.compression) }
    var bytes = Data(count: Int(declared))
    let size = bytes.withUnsafeMutableBytes { target in
      frame.withUnsafeBytes { source in
        ZSTD_decompress(target.baseAddress, target.count, source.baseAddress, source.count)
      }
    }
    guard ZSTD_isError(size) == 0, size == Int(declared) else { throw .form(.compression) }
    return bytes
  }
}
