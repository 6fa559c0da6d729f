// SPDX-License-Identifier: Apache-2.0

import CCurl
import Foundation
import Synchronization
import SyncProtocol

/// Tells a running exchange, from any thread, to stop.
final class CancellationFlag: Sendable {
  private let isRaised = Atomic(false)

  func raise() { isRaised.store(true, ordering: .relaxed) }

  var isSet: Bool { isRaised.load(ordering: .relaxed) }
}

/// What libcurl's callbacks gather during one exchange.
///
/// The callbacks run on the thread that performs the exchange, and get this object by an unowned
/// pointer: the caller keeps it alive until the exchange is over.
final class Exchange {
  /// More header bytes than any answer of the centre has.
  private static let maximumHeaderBytes = 64 << 10

  let flag: CancellationFlag
  private let limit: Int
  private(set) var fields: [HTTPField] = []
  private(set) var body = Data()
  private(set) var bytesSent = 0
  private(set) var isTooLarge = false
  private var headerBytes = 0

  init(limit: Int, flag: CancellationFlag) {
    self.limit = limit
    self.flag = flag
  }

  /// Points the handle's callbacks at this object.
  func attach(to handle: EasyHandle) {
    let context = Unmanaged.passUnretained(self).toOpaque()
    handle.set(CURLOPT_WRITEFUNCTION, callback: Exchange.takeBody)
    handle.set(CURLOPT_WRITEDATA, pointer: context)
    handle.set(CURLOPT_HEADERFUNCTION, callback: Exchange.takeHeader)
    handle.set(CURLOPT_HEADERDATA, pointer: context)
    handle.setDebug(Exchange.countSent)
    handle.set(CURLOPT_DEBUGDATA, pointer: context)
    handle.setProgress(Exchange.checkCancellation)
    handle.set(CURLOPT_XFERINFODATA, pointer: context)
  }

  /// Takes bytes of the body; false when there are too many.
  private func append(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard body.count + bytes.count <= limit else {
      isTooLarge = true
      return false
    }
    body.append(contentsOf: bytes)
    return true
  }

  /// Takes one header line with its line end; false when there are too many bytes.
  private func append(headerLine bytes: UnsafeRawBufferPointer) -> Bool {
    headerBytes += bytes.count
    guard headerBytes <= Exchange.maximumHeaderBytes else {
      isTooLarge = true
      return false
    }
    let line = String(decoding: bytes, as: UTF8.self)
    if line.hasPrefix("HTTP/") {
      // Interim answers come before the final one.
      fields = []
    } else if let colon = line.firstIndex(of: ":") {
      let value = line[line.index(after: colon)...].trimmingCharacters(in: .whitespacesAndNewlines)
      fields.append(HTTPField(name: String(line[..<colon]), value: value))
    }
    return true
  }

  private static func from(_ context: UnsafeMutableRawPointer?) -> Exchange? {
    context.map { Unmanaged<Exchange>.fromOpaque($0).takeUnretainedValue() }
  }

  private static let takeBody: lobule_curl_data_callback = { bytes, size, count, context in
    let buffer = UnsafeRawBufferPointer(start: bytes, count: size * count)
    guard let exchange = Exchange.from(context), exchange.append(buffer) else { return 0 }
    return size * count
  }

  private static let takeHeader: lobule_curl_data_callback = { bytes, size, count, context in
    let buffer = UnsafeRawBufferPointer(start: bytes, count: size * count)
    guard let exchange = Exchange.from(context), exchange.append(headerLine: buffer) else {
      return 0
    }
    return size * count
  }

  private static let countSent: lobule_curl_debug_callback = { _, type, _, count, context in
    if type == CURLINFO_HEADER_OUT || type == CURLINFO_DATA_OUT {
      Exchange.from(context)?.bytesSent += count
    }
    return 0
  }

  private static let checkCancellation: lobule_curl_progress_callback = { context, _, _, _, _ in
    Exchange.from(context)?.flag.isSet == true ? 1 : 0
  }
}
