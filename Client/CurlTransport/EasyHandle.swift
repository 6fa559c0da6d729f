// SPDX-License-Identifier: Apache-2.0

import CCurl
import SyncProtocol

/// Owner of one libcurl easy handle and its error buffer; both are freed with it.
///
/// Used by one thread at a time: the actor that owns it sees to that.
final class EasyHandle {
  private let pointer: UnsafeMutableRawPointer
  private let errorBuffer: UnsafeMutablePointer<CChar>
  private static let isReady = lobule_curl_global_init() == CURLE_OK

  init?() {
    guard EasyHandle.isReady, let pointer = curl_easy_init() else { return nil }
    self.pointer = pointer
    errorBuffer = .allocate(capacity: Int(CURL_ERROR_SIZE))
    errorBuffer.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
  }

  deinit {
    curl_easy_cleanup(pointer)
    errorBuffer.deallocate()
  }

  /// Forgets all options; open connections and TLS sessions stay for the next exchange.
  func reset() {
    curl_easy_reset(pointer)
    errorBuffer[0] = 0
    set(CURLOPT_ERRORBUFFER, pointer: errorBuffer)
  }

  /// Runs the exchange that the options describe.
  func perform() -> CURLcode { curl_easy_perform(pointer) }

  /// What went wrong, in libcurl's words.
  func reason(for code: CURLcode) -> String {
    let detail = String(cString: errorBuffer)
    return detail.isEmpty ? String(cString: curl_easy_strerror(code)) : detail
  }

  func set(_ option: CURLoption, _ value: Int) {
    _ = lobule_curl_set_long(pointer, option, value)
  }

  func set(_ option: CURLoption, offset value: Int) {
    _ = lobule_curl_set_offset(pointer, option, curl_off_t(value))
  }

  /// Sets a string, which libcurl copies.
  func set(_ option: CURLoption, _ value: String) {
    _ = lobule_curl_set_string(pointer, option, value)
  }

  /// Sets a pointer, which must outlive the exchange.
  func set(_ option: CURLoption, pointer value: UnsafeRawPointer?) {
    _ = lobule_curl_set_pointer(pointer, option, value)
  }

  func set(_ option: CURLoption, callback: lobule_curl_data_callback) {
    _ = lobule_curl_set_data_callback(pointer, option, callback)
  }

  func setDebug(_ callback: lobule_curl_debug_callback) {
    _ = lobule_curl_set_debug_callback(pointer, callback)
    set(CURLOPT_VERBOSE, 1)
  }

  func setProgress(_ callback: lobule_curl_progress_callback) {
    _ = lobule_curl_set_progress_callback(pointer, callback)
    set(CURLOPT_NOPROGRESS, 0)
  }

  /// Ends an exchange when the other host's system acknowledges nothing for so long.
  func setSilenceLimit(milliseconds: Int) {
    _ = lobule_curl_set_silence_limit(pointer, UInt32(clamping: milliseconds))
  }

  func long(_ info: CURLINFO) -> Int {
    var value = 0
    return lobule_curl_get_long(pointer, info, &value) == CURLE_OK ? value : 0
  }

  func offset(_ info: CURLINFO) -> Int {
    var value: curl_off_t = 0
    return lobule_curl_get_offset(pointer, info, &value) == CURLE_OK ? Int(value) : 0
  }
}
