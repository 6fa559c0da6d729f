// SPDX-License-Identifier: Apache-2.0

import CCurl
import Foundation
public import SyncProtocol

/// Sends requests over HTTPS with libcurl, one at a time, over one connection that stays open.
///
/// HTTP/1.1 only, TLS 1.2 or newer, no redirects, no cookies, no compression, and no header field
/// of libcurl's own but `Host` and `Content-Length`.
public actor CurlTransport: SyncTransport {
  private let options: CurlOptions
  private let origin: ServerOrigin
  private let handle: EasyHandle
  private let executor: BlockingExecutor

  /// Host, and port unless 443: what requests are signed for.
  public nonisolated let authority: String

  /// The thread on which exchanges block.
  public nonisolated var unownedExecutor: UnownedSerialExecutor {
    executor.asUnownedSerialExecutor()
  }

  /// Makes a transport; nothing is sent yet.
  ///
  /// - Parameter options: Where the centre is and how to reach it.
  /// - Throws: `malformedURL` unless the base URL is `https` with a host and no path.
  public init(_ options: CurlOptions) throws(TransportError) {
    let origin = try ServerOrigin(options.baseURL)
    guard let handle = EasyHandle() else { throw .interrupted }
    self.options = options
    self.origin = origin
    self.handle = handle
    executor = BlockingExecutor(label: "lobule.curl")
    authority = origin.authority
  }

  /// Sends one request once.
  ///
  /// Cancelling the task ends the exchange within about a second.
  ///
  /// - Parameter request: The request; `Host` and `Content-Length` among its fields are left out.
  /// - Returns: The response, whatever its status.
  /// - Throws: `TransportError`; `malformedURL` also for a request with control characters.
  public func send(
    _ request: HTTPRequestMessage
  ) async throws(TransportError)
    -> TransportResponse
  {
    let flag = CancellationFlag()
    let result = await withTaskCancellationHandler {
      exchange(request, flag: flag)
    } onCancel: {
      flag.raise()
    }
    return try result.get()
  }

  private func exchange(
    _ request: HTTPRequestMessage,
    flag: CancellationFlag
  )
    -> Result<TransportResponse, TransportError>
  {
    Result { () throws(TransportError) in
      let url = try origin.url(target: request.target)
      let lines = try CurlTransport.headerLines(of: request)
      let exchange = Exchange(limit: options.maximumResponseBytes, flag: flag)
      handle.reset()
      applyOptions(url: url)
      exchange.attach(to: handle)
      let code = withExtendedLifetime(exchange) { perform(request, headerLines: lines) }
      guard code == CURLE_OK else { throw failure(code, exchange) }
      return TransportResponse(
        status: handle.long(CURLINFO_RESPONSE_CODE),
        fields: exchange.fields,
        body: exchange.body,
        bytesSent: exchange.bytesSent,
        bytesReceived: handle.long(CURLINFO_HEADER_SIZE)
          + handle.offset(CURLINFO_SIZE_DOWNLOAD_T)
      )
    }
  }

  private func applyOptions(url: String) {
    handle.set(CURLOPT_URL, url)
    handle.set(CURLOPT_NOSIGNAL, 1)
    handle.set(CURLOPT_PROTOCOLS_STR, "https")
    handle.set(CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1)
    handle.set(CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2)
    handle.set(CURLOPT_FOLLOWLOCATION, 0)
    // The path is signed as written, so it is sent as written.
    handle.set(CURLOPT_PATH_AS_IS, 1)
    // Asked now and then while an answer is awaited, the other system must acknowledge.
    handle.set(CURLOPT_TCP_KEEPALIVE, 1)
    handle.set(CURLOPT_TCP_KEEPIDLE, 10)
    handle.set(CURLOPT_TCP_KEEPINTVL, 5)
    handle.setSilenceLimit(milliseconds: options.silenceTimeoutMilliseconds)
    handle.set(CURLOPT_CONNECTTIMEOUT_MS, options.connectTimeoutMilliseconds)
    handle.set(CURLOPT_TIMEOUT_MS, options.totalTimeoutMilliseconds)
    handle.set(CURLOPT_MAXFILESIZE_LARGE, offset: options.maximumResponseBytes)
    handle.set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
    if let proxy = options.proxy { handle.set(CURLOPT_PROXY, proxy) }
    if let file = options.certificateAuthorityFile {
      handle.set(CURLOPT_CAINFO, file)
      // The built-in folder of public authorities would stay trusted beside the file.
      handle.set(CURLOPT_CAPATH, pointer: nil)
    }
  }

  /// Sets body, method and header, and performs; frees the list of header lines.
  private func perform(_ request: HTTPRequestMessage, headerLines: [String]) -> CURLcode {
    var list: UnsafeMutablePointer<curl_slist>?
    defer { curl_slist_free_all(list) }
    for line in headerLines { list = curl_slist_append(list, line) ?? list }
    handle.set(CURLOPT_HTTPHEADER, pointer: list)
    guard !request.body.isEmpty || request.method != "GET" else {
      handle.set(CURLOPT_HTTPGET, 1)
      return handle.perform()
    }
    // libcurl reads the body from these bytes while it performs; an empty body still needs an
    // address, or libcurl would ask a callback for it.
    var bytes = Array(request.body)
    if bytes.isEmpty { bytes = [0] }
    return bytes.withUnsafeBytes { buffer in
      handle.set(CURLOPT_POST, 1)
      handle.set(CURLOPT_POSTFIELDSIZE_LARGE, offset: request.body.count)
      handle.set(CURLOPT_POSTFIELDS, pointer: buffer.baseAddress)
      handle.set(CURLOPT_CUSTOMREQUEST, request.method)
      return handle.perform()
    }
  }

  /// The header lines to send, and bare names that take away libcurl's own fields.
  private static func headerLines(
    of request: HTTPRequestMessage
  ) throws(TransportError)
    -> [String]
  {
    let texts = request.fields.flatMap { [$0.name, $0.value] } + [request.method]
    guard texts.allSatisfy({ $0.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F } }) else {
      throw .malformedURL(request.target)
    }
    var lines = ["Accept:", "Expect:", "User-Agent:"]
    if request.fields.values(named: "content-type").isEmpty { lines.append("Content-Type:") }
    for field in request.fields
    where !field.isNamed("host") && !field.isNamed("content-length") {
      lines.append(field.value.isEmpty ? "\(field.name);" : "\(field.name): \(field.value)")
    }
    return lines
  }

  private func failure(_ code: CURLcode, _ exchange: Exchange) -> TransportError {
    let reason = handle.reason(for: code)
    let connectStatus = handle.long(CURLINFO_HTTP_CONNECTCODE)
    if exchange.isTooLarge { return .tooLarge(limit: options.maximumResponseBytes) }
    if connectStatus >= 300 { return .proxyRefused(reason: reason) }
    switch code {
    case CURLE_FILESIZE_EXCEEDED:
      return .tooLarge(limit: options.maximumResponseBytes)
    case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL:
      return .malformedURL(options.baseURL)
    case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR:
      return .untrustedCertificate(host: origin.host, reason: reason)
    case CURLE_OPERATION_TIMEDOUT:
      return .timedOut(host: origin.host)
    case CURLE_COULDNT_RESOLVE_PROXY, CURLE_PROXY:
      return .proxyRefused(reason: reason)
    case CURLE_GOT_NOTHING, CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_PARTIAL_FILE,
      CURLE_ABORTED_BY_CALLBACK:
      return .interrupted
    default:
      return .unreachable(host: origin.host, reason: reason)
    }
  }
}
