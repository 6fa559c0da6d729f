// SPDX-License-Identifier: Apache-2.0

import Foundation
import Registry
import Replication
import SyncProtocol
import TestSupport
import Testing

@testable import SiteReplica

/// Two hospitals whose patients differ in nothing but who they are send the same bytes.
///
/// Seed and clock are fixed, so that whatever an identity changes in what leaves is seen, also where
/// no search would know it: an order, a length, a count of random draws, a hash.
@Suite struct TaintTests {
  @Test func `identities change no byte of what is sent`() async throws {
    let one = try await Self.story(People.one)
    let other = try await Self.story(People.other)
    #expect(one.requests.count >= 6)
    #expect(one.requests.joined().count > 2_000)
    #expect(one.requests == other.requests)
    #expect(one.bundle == other.bundle)
  }

  @Test func `a value that does leave changes what is sent`() async throws {
    let one = try await Self.story(People.one)
    var people = People.one
    people.neutrophils = "5.3"
    let other = try await Self.story(people)
    #expect(one.requests != other.requests)
  }

  /// Two patients, one of them registered twice.
  private struct People {
    let numbers: [String]
    let names: [String]
    let births: [String]
    let starts: [String]
    let labs: [String]
    let corrected: (birth: String, start: String)
    let note: String
    var neutrophils = "5.2"

    static let one = People(
      numbers: ["A1", "A2", "A3"],
      names: ["Li Ming", "Wang Fang", "Li Ming"],
      births: ["1960-05-06", "1931-02-03", "1960-05-06"],
      starts: ["2023-06-10", "2023-07-11", "2023-06-10"],
      labs: ["2023-06-08", "2023-07-09", "2023-06-08"],
      corrected: ("1961-05-06", "2023-07-15"),
      note: "short"
    )
    /// Other numbers in another order, longer names, other days with the same distances, and ages
    /// that pool or are the same.
    static let other = People(
      numbers: ["zz-999999", "B 17", "000000000000000001"],
      names: ["Åström-Čerňák, Maximiliane", "龘", "X"],
      births: ["1958-05-06", "1925-11-30", "1958-05-06"],
      starts: ["2021-06-10", "2021-07-11", "2021-06-10"],
      labs: ["2021-06-08", "2021-07-09", "2021-06-08"],
      corrected: ("1959-05-06", "2021-07-15"),
      note: "a much longer note that names a wife, a street and a telephone number"
    )

    var table: String {
      "mrn,name,birth_date,treatment_start,note,sex,labs_date,neutrophils,lymphocytes\n"
        + (0..<3).map { row in
          "\(numbers[row]),\"\(names[row])\",\(births[row]),\(starts[row]),\"\(note)\",male,"
            + "\(labs[row]),\(neutrophils),1.\(row)\n"
        }.joined()
    }
  }

  private struct Sent {
    let requests: [Data]
    let bundle: Data
  }

  /// Everything that two devices of one site send while they record these people.
  private static func story(_ people: People) async throws -> Sent {
    let scratch = try ScratchFolder()
    var generator = SeededGenerator(seed: 77)
    let center = RecordingCenter(
      try TestCenter(site: "HILL", folder: scratch.path, generator: &generator)
    )
    var first = try TestDevice(seed: 1)
    var second = try TestDevice(seed: 2)
    try await first.enroll(through: center)
    try await second.enroll(through: center)
    let report = try first.importText(people.table)
    try #require(report.accepted == 3, "\(report.problems)")
    try await first.sync(through: center)
    try second.share(first)
    try await second.sync(through: center)
    let numbers = people.numbers
    try first.set(numbers[0], nil, "name=\(people.names[1])", "note=\(people.note)")
    try first.set(numbers[0], "baseline", "neutrophils=4.5")
    try second.set(numbers[0], "baseline", "neutrophils=4.6")
    try first.set(numbers[0], nil, "birth_date=\(people.corrected.birth)")
    try first.set(numbers[1], nil, "treatment_start=\(people.corrected.start)")
    try first.merge(numbers[0], numbers[2])
    try await first.sync(through: center)
    try await second.sync(through: center)
    try await first.sync(through: center)
    try first.set(numbers[0], "baseline", "neutrophils=4.7", resolves: true)
    let bundle = try first.bundle()
    try await first.sync(through: center)
    return Sent(requests: await center.sent, bundle: bundle)
  }
}

/// Keeps every byte that a device hands to the line, and passes it on.
private actor RecordingCenter: SyncTransport {
  let center: TestCenter
  private(set) var sent: [Data] = []

  init(_ center: TestCenter) { self.center = center }

  func send(_ request: HTTPRequestMessage) async throws(TransportError) -> TransportResponse {
    var bytes = Data("\(request.method) \(request.target)\n".utf8)
    for field in request.fields { bytes += Data("\(field.name): \(field.value)\n".utf8) }
    sent.append(bytes + request.body)
    return try await center.send(request)
  }
}

extension TestDevice {
  fileprivate mutating func enroll(through center: RecordingCenter) async throws {
    _ = try await store.enroll(
      server: "https://center.example",
      authorityCertificate: nil,
      code: center.center.code,
      transport: center,
      actor: Self.actor
    )
  }

  fileprivate mutating func sync(through center: RecordingCenter) async throws {
    let engine = SyncEngine(store: store, transport: center, clock: { 1_790_000_000 })
    _ = try await engine.run(actor: Self.actor, using: &generator)
  }

  fileprivate func merge(_ first: String, _ second: String) throws {
    _ = try store.merge(first, second, vault: vault, actor: Self.actor)
  }

  fileprivate func bundle() throws -> Data {
    try store.makeBundle(includesAll: true, actor: Self.actor).bytes
  }
}
