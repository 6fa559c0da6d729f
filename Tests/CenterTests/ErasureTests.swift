// SPDX-License-Identifier: Apache-2.0

import Crypto
import Foundation
import Registry
import RegistryDatabase
import Replication
import SyncProtocol
import Testing

@testable import Center

@Suite struct ErasureTests {
  private static let gone = PatientID(high: 7, low: 1)
  private static let stays = PatientID(high: 7, low: 2)

  /// A centre with two patients of a device, one of whom has a value that is nowhere else.
  private func centre() throws -> (TestCenter, TestDevice) {
    let test = try TestCenter()
    var device = try test.device(of: "HILL")
    _ = try test.push(
      [
        device.seal(patient: Self.gone, values: ["sex": .code("male"), "age": .integer(61)]),
        device.seal(patient: Self.stays, values: ["sex": .code("female")]),
      ],
      by: device
    )
    return (test, device)
  }

  private func marked(_ device: inout TestDevice) throws -> Data {
    try device.seal(
      patient: Self.gone,
      values: [Address.erasureField: .erased],
      reason: "erasure_request"
    )
  }

  private func stored(_ test: TestCenter) throws -> [ReceivedBatch] {
    try test.center.store.read { store in
      try store.batches(site: "HILL", after: VersionVector(), limitBytes: .max).batches
        .map { try ReceivedBatch.decode($0.bytes) }
    }
  }

  private func writes(_ test: TestCenter, of patient: PatientID) throws -> Int {
    var count = 0
    try test.center.store.read { store in
      try store.forEachPatient(site: "HILL") { found, rows in
        if found == patient { count += rows.count }
      }
    }
    return count
  }

  @Test func `a mark takes the patient out of log, heads and later cuts`() throws {
    var (test, device) = try centre()
    let root = try test.center.store.read { try $0.stateRoot(site: "HILL") }
    _ = try test.push([marked(&device)], by: device)
    #expect(try test.center.makeCut(study: test.study, now: TestCenter.now).patients == 1)
    let batches = try stored(test)
    #expect(batches.map { $0.batch.redaction != nil } == [true, false, false])
    #expect(try test.center.store.read { try $0.stateRoot(site: "HILL") } != root)
    #expect(try test.center.verifiedInventory().sites.first?.changesets == 3)
    #expect(try !test.center.isErasureDue())
  }

  @Test func `the original is taken as known and never stored again`() throws {
    let test = try TestCenter()
    var device = try test.device(of: "HILL")
    let original = try device.seal(patient: Self.gone)
    _ = try test.push([original, marked(&device)], by: device)
    let again = try test.push([original], by: device)
    #expect(again.acceptedBatches == 1)
    #expect(try stored(test).allSatisfy { $0.bytes != original })
  }

  @Test func `what a device sends late loses the patient on arrival`() throws {
    var (test, eraser) = try centre()
    var late = try test.device(of: "HILL")
    let original = try late.seal(patients: [Self.gone, Self.stays], values: ["age": .integer(62)])
    _ = try test.push([marked(&eraser)], by: eraser)
    let reply = try test.push([original], by: late)
    #expect(reply.acceptedChangesets == 2)
    #expect(try stored(test).allSatisfy { $0.bytes != original })
    #expect(try writes(test, of: Self.gone) == 0)
    #expect(try writes(test, of: Self.stays) == 1)
    let next = try late.seal(patient: Self.stays, values: ["age": .integer(63)])
    #expect(try test.push([next], by: late).acceptedChangesets == 1)
  }

  @Test func `a newcomer gets what is left, vouched for by the centre`() throws {
    var (test, device) = try centre()
    _ = try test.push([marked(&device)], by: device)
    let fresh = try test.device(of: "HILL")
    let reply = try test.push([], by: fresh)
    let first = try ReceivedBatch.decode(try #require(reply.batches.first))
    #expect(first.voucher == "center/1")
    try first.verify(publicKey: test.serviceKey.publicKey)
    #expect(first.batch.redaction?.patients == [Self.gone])
  }

  @Test func `a centre put back takes what is left from a device of the site alone`() throws {
    let test = try TestCenter()
    var device = try test.device(of: "HILL")
    let stranger = try test.device(of: "COAST")
    let original = try device.seal(
      patients: [Self.gone, Self.stays],
      values: ["age": .integer(61)]
    )
    let mark = try marked(&device)
    let rest = try #require(
      try BatchRedactor.redact(original, removing: [Self.gone: Self.gone])
    )
    func vouched(_ by: TestDevice) throws -> Data {
      try BatchRedactor.vouch(
        for: rest,
        identity: SigningIdentity(keyID: by.keyID, privateKey: by.key)
      )
    }
    #expect(try test.push([rest], by: device).refused.map(\.reason) == ["signature"])
    #expect(try test.push([vouched(stranger)], by: device).refused.map(\.reason) == ["signature"])
    let taken = try test.push([vouched(device)], by: device)
    #expect(taken.refused.isEmpty)
    #expect(taken.acceptedChangesets == 2)
    #expect(try test.center.erasures()["HILL"]?.unmarked == 1)
    _ = try test.push([mark], by: device)
    #expect(try test.center.erasures()["HILL"]?.unmarked == 0)
    #expect(try stored(test)[0].bytes == rest)
  }

  @Test func `a redaction of somebody who was not erased is refused by name`() throws {
    let test = try TestCenter()
    var device = try test.device(of: "HILL")
    let original = try device.seal(patient: Self.gone)
    _ = try test.push([original], by: device)
    let rest = try #require(
      try BatchRedactor.redact(original, removing: [Self.gone: Self.gone])
    )
    let vouched = try BatchRedactor.vouch(
      for: rest,
      identity: SigningIdentity(keyID: device.keyID, privateKey: device.key)
    )
    #expect(try test.push([vouched], by: device).refused.map(\.reason) == ["unmarked"])
    #expect(try stored(test).map(\.bytes) == [original])
  }

  @Test func `a frozen cut loses the row, keeps its hash, and says so`() throws {
    var (test, device) = try centre()
    let cut = try test.center.makeCut(study: test.study, now: TestCenter.now)
    #expect(cut.patients == 2)
    _ = try test.push([marked(&device)], by: device)
    let rows = try test.center.rows(of: cut.id)
    #expect(rows.map(\.patient) == [Self.stays.description])
    let erasure = try #require(try test.center.cutErasures().first)
    #expect(erasure.cut == cut.id && erasure.rows == 1 && erasure.sha256 != cut.sha256)
    let log = try test.center.auditEntries(from: 1, limit: 99).map(\.canonical)
    #expect(log.contains { $0.contains("patients_erased") && $0.contains("\"cuts\":\"1\"") })
    #expect(log.allSatisfy { !$0.contains(Self.gone.description) })
    let next = try test.center.makeCut(study: test.study, now: TestCenter.now)
    #expect(next.id != cut.id && next.patients == 1)
    _ = try test.center.verifiedInventory()
  }

  @Test func `no byte is left in the files`() throws {
    let test = try TestCenter()
    var device = try test.device(of: "HILL")
    let original = try device.seal(patient: Self.gone, values: ["age": .integer(61)])
    _ = try test.push([original], by: device)
    func holds(_ trace: Data) throws -> Bool {
      for end in ["", "-wal"] {
        let bytes = try? Data(contentsOf: URL(filePath: test.path + end))
        if bytes?.range(of: trace) != nil { return true }
      }
      return false
    }
    #expect(try holds(original.suffix(80)))
    _ = try test.push([marked(&device)], by: device)
    #expect(try !holds(original.suffix(80)))
  }
}
