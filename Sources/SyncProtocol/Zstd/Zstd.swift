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
  func compress(_ bytes: Data) throws(SyncProtocolError) -> Data {
    var frame = Data(count: ZSTD_compressBound(bytes.count))
    let size = frame.withUnsafeMutableBytes { target in
      bytes.withUnsafeBytes { source in
        ZSTD_compressCCtx(
          context,
          target.baseAddress,
          target.count,
          source.baseAddress,
          source.count,
          Self.level
        )
      }
    }
    guard ZSTD_isError(size) == 0 else { throw .compressionFailed }
    frame.count = size
    return frame
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
