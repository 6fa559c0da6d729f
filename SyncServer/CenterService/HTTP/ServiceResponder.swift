// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import SyncProtocol

/// Carries requests from the connections to the handler and its answers back.
struct ServiceResponder: HTTPResponder {
  let handler: ServiceHandler
  let limits: ServiceLimits
  /// The store blocks its callers, so they do not run where the connections are served.
  let queue: DispatchQueue

  func respond(to request: Request, context: ServiceContext) async throws -> Response {
    let channel = context.channel
    let start = ContinuousClock.now
    // A sender that trickles its body, or a reader that never reads, loses the connection.
    let deadline = channel.eventLoop.scheduleTask(in: .seconds(Int64(limits.requestSeconds))) {
      channel.close(promise: nil)
    }
    var message = HTTPRequestMessage(request.head)
    let caller = context.caller
    let answer: ServiceHandler.Answer
    var isUnread = false
    if let refusal = refusal(ofHead: message, from: caller) {
      answer = handler.refusal(refusal, of: message, from: caller)
      isUnread = Self.announcesBody(message)
    } else if let early = await judge(message, port: context.port, from: caller) {
      answer = early
      isUnread = true
    } else {
      let limit = ServiceRoute(path: message.path)?.bodyLimit(limits) ?? 0
      do {
        message.body = Data(try await request.body.collect(upTo: limit).readableBytesView)
        answer = await work(message, port: context.port, from: caller)
      } catch is NIOTooManyBytesError {
        answer = handler.refusal(.tooLarge, of: message, from: caller)
        isUnread = true
      } catch {
        deadline.cancel()
        throw error
      }
    }
    log(answer, message, since: start, to: context.logger)
    return Response(answer.response, closing: isUnread) { [isUnread] in
      deadline.cancel()
      guard isUnread else { return }
      // Whoever goes on sending is cut off, after time enough to read the answer.
      channel.eventLoop.scheduleTask(in: .seconds(1)) { channel.close(promise: nil) }
    }
  }

  /// Whether a body follows the head.
  private static func announcesBody(_ message: HTTPRequestMessage) -> Bool {
    !message.fields.values(named: "transfer-encoding").isEmpty
      || !message.fields.values(named: "content-length").allSatisfy { $0 == "0" }
  }

  /// The refusal of a large body by its head; small ones are read first, in one piece of work.
  private func judge(
    _ head: HTTPRequestMessage,
    port: Int,
    from caller: String
  ) async -> ServiceHandler.Answer? {
    let announced = head.fields.values(named: "content-length").first.flatMap { Int($0) }
    guard announced ?? (Self.announcesBody(head) ? .max : 0) > limits.bodyBytes else { return nil }
    return await withCheckedContinuation { continuation in
      queue.async {
        continuation.resume(returning: handler.answer(toHead: head, servedAt: port, from: caller))
      }
    }
  }

  /// Refuses what need not be read: long targets, packed bodies, bodies announced as too large, and
  /// more without a signature from where too much came already.
  private func refusal(
    ofHead message: HTTPRequestMessage,
    from caller: String
  ) -> ServiceRefusal? {
    guard message.target.utf8.count <= limits.targetBytes else {
      return .targetTooLong
    }
    // A small body could unpack to any size, so none is unpacked.
    guard message.fields.values(named: "content-encoding").isEmpty else {
      return .packed
    }
    let announced = message.fields.values(named: "content-length").first.flatMap { Int($0) } ?? 0
    let route = ServiceRoute(path: message.path)
    guard announced <= route?.bodyLimit(limits) ?? 0 else { return .tooLarge }
    guard route != .enrol, message.fields.values(named: "signature").isEmpty else { return nil }
    return handler.rates?.refusalOfUnsigned(from: caller)
  }

  private func work(
    _ message: HTTPRequestMessage,
    port: Int,
    from caller: String
  ) async -> ServiceHandler.Answer {
    await withCheckedContinuation { continuation in
      queue.async {
        continuation.resume(returning: handler.answer(message, servedAt: port, from: caller))
      }
    }
  }

  /// One line a request: codes, sizes and times, never a value.
  private func log(
    _ answer: ServiceHandler.Answer,
    _ message: HTTPRequestMessage,
    since start: ContinuousClock.Instant,
    to logger: Logger
  ) {
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    logger.info(
      "request",
      metadata: [
        "route": "\(answer.route)", "site": "\(answer.site)", "key": "\(answer.keyID)",
        "status": "\(answer.response.status)", "refusal": "\(answer.code)",
        "bytes_in": "\(message.body.count)", "bytes_out": "\(answer.response.body.count)",
        "milliseconds": "\((seconds * 1000).rounded())",
      ]
    )
  }
}

extension HTTPRequestMessage {
  /// Takes the head of a request as it came; the codec keeps the first `Host` apart.
  init(_ head: HTTPRequest) {
    var fields: [SyncProtocol.HTTPField] = []
    if let authority = head.authority {
      fields.append(SyncProtocol.HTTPField(name: "host", value: authority))
    }
    for field in head.headerFields {
      fields.append(SyncProtocol.HTTPField(name: field.name.rawName, value: field.value))
    }
    self.init(method: head.method.rawValue, target: head.path ?? "", fields: fields)
  }
}

extension Response {
  /// Makes the response that carries a message.
  ///
  /// - Parameters:
  ///   - message: The signed message.
  ///   - isLast: Whether the connection ends with it, as after a body that was not read.
  ///   - onWritten: Called once all of it was written.
  init(
    _ message: HTTPResponseMessage,
    closing isLast: Bool,
    onWritten: @escaping @Sendable () -> Void
  ) {
    var fields = HTTPFields()
    for field in message.fields {
      guard let name = HTTPTypes.HTTPField.Name(field.name) else { continue }
      fields.append(HTTPTypes.HTTPField(name: name, value: field.value))
    }
    if isLast { fields[.connection] = "close" }
    let buffer = ByteBuffer(bytes: message.body)
    self.init(
      status: HTTPResponse.Status(code: message.status),
      headers: fields,
      body: ResponseBody(contentLength: buffer.readableBytes) { writer in
        try await writer.write(buffer)
        try await writer.finish(nil)
        onWritten()
      }
    )
  }
}
