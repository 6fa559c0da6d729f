// SPDX-License-Identifier: Apache-2.0

import Foundation
import SyncProtocol
import TestSupport

/// What lies between the devices and the centre, under its own seeded generator.
///
/// An exchange may lose its request or its answer, arrive twice, arrive much later, be cut, or
/// have a bit flipped in its body or a field.
actor SimulatedNetwork: SyncTransport {
  private let center: SimulatedCenter
  private var generator: SeededGenerator
  /// Out of 100 exchanges, how many go wrong.
  private var faultPercent = 0
  private var delayed: [HTTPRequestMessage] = []
  private var isPartitioned = false
  /// Called before a request is carried, with the number of the request since it was set.
  private var onSend: (@Sendable (Int) -> Void)?
  private var sent = 0
  /// The last request that is carried before the sender loses its power.
  private var lastRequest = Int.max
  private(set) var centerCrashes = 0
  /// The last request that came through whole.
  private var carried: HTTPRequestMessage?

  init(center: sending SimulatedCenter, seed: UInt64) {
    self.center = center
    generator = SeededGenerator(seed: seed)
  }

  func setFaults(percent: Int) { faultPercent = percent }
  func setPartition(_ isOn: Bool) { isPartitioned = isOn }

  /// Looks on at requests from now on, and carries no more than some of them.
  func watch(last: Int = .max, _ body: (@Sendable (Int) -> Void)?) {
    (onSend, sent, lastRequest) = (body, 0, last)
  }

  /// Runs a body on the centre, which only the network may touch.
  func withCenter<T: Sendable>(_ body: @Sendable (SimulatedCenter) throws -> T) rethrows -> T {
    try body(center)
  }

  /// Carries a request that was delayed; nobody waits for its answer.
  ///
  /// - Returns: Whether the centre acted rightly, see `isRight`.
  func deliverDelayed() -> Bool {
    guard !delayed.isEmpty else { return true }
    let index = Int.random(in: 0..<delayed.count, using: &generator)
    return isRight(delayed.remove(at: index))
  }

  /// Carries the last request once more, as somebody who listened can.
  func replay() -> Bool { carried.map(isRight) ?? true }

  /// Whether the centre takes nothing that was signed before it was put back: what it took then is
  /// not known any more.
  private func isRight(_ request: HTTPRequestMessage) -> Bool {
    let status = center.answer(request).status
    guard let input = request.fields.values(named: "signature-input").first,
      let match = input.firstMatch(of: /created=(\d+)/), let created = Int(match.1)
    else { return true }
    return created >= center.restoredAt || status != 200
  }

  func send(_ request: HTTPRequestMessage) async throws(TransportError) -> TransportResponse {
    var request = request
    if request.fields.values(named: "host").isEmpty {
      request.fields.append(HTTPField(name: "host", value: SimulatedCenter.authority))
    }
    sent += 1
    let host = SimulatedCenter.authority
    if sent > lastRequest { throw .unreachable(host: host, reason: "power lost") }
    onSend?(sent)
    if isPartitioned { throw .unreachable(host: host, reason: "partitioned") }
    guard Int.random(in: 0..<100, using: &generator) < faultPercent else {
      carried = request
      return Self.response(center.answer(request))
    }
    return try faulty(request)
  }

  private func faulty(
    _ request: HTTPRequestMessage
  ) throws(TransportError) -> TransportResponse {
    var request = request
    switch Int.random(in: 0..<9, using: &generator) {
    case 0: throw .unreachable(host: SimulatedCenter.authority, reason: "lost")
    case 1:
      _ = center.answer(request)
      throw .interrupted
    case 2:
      let first = center.answer(request)
      let second = center.answer(request)
      return Self.response(Bool.random(using: &generator) ? first : second)
    case 3:
      delayed.append(request)
      throw .timedOut(host: SimulatedCenter.authority)
    case 4:
      cut(&request.body)
      return Self.response(center.answer(request))
    case 5:
      flip(&request.body)
      return Self.response(center.answer(request))
    case 6:
      var response = center.answer(request)
      if Bool.random(using: &generator) { cut(&response.body) } else { flip(&response.body) }
      return Self.response(response)
    case 7:
      let hasCrashed = try? center.crash(answering: request, using: &generator)
      if hasCrashed == true { centerCrashes += 1 }
      throw .interrupted
    default:
      let index = Int.random(in: 0..<request.fields.count, using: &generator)
      var value = Data(request.fields[index].value.utf8)
      flip(&value)
      request.fields[index].value = String(decoding: value, as: UTF8.self)
      return Self.response(center.answer(request))
    }
  }

  private func cut(_ bytes: inout Data) {
    guard !bytes.isEmpty else { return }
    bytes = Data(bytes.prefix(Int.random(in: 0..<bytes.count, using: &generator)))
  }

  private func flip(_ bytes: inout Data) {
    guard !bytes.isEmpty else { return }
    let index = bytes.startIndex + Int.random(in: 0..<bytes.count, using: &generator)
    bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
  }

  private static func response(_ message: HTTPResponseMessage) -> TransportResponse {
    TransportResponse(
      status: message.status,
      fields: message.fields,
      body: message.body,
      bytesSent: 0,
      bytesReceived: message.body.count
    )
  }
}
