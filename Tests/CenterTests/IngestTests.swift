// SPDX-License-Identifier: Apache-2.0

import Center
import Crypto
import Foundation
import Replication
import SyncProtocol
import TestSupport
import Testing

@Suite struct IngestTests {
  @Test func `a batch is taken and counted`() throws {
    let centre = try TestCenter()
    var device = try centre.device(of: "HILL")
    let reply = try centre.push([device.seal()], by: device)
    #expect(reply.acceptedBatches == 1)
    #expect(reply.acceptedChangesets == 1)
    #expect(reply.refused.isEmpty)
    #expect(reply.vector[device.replica] == 1)
  }

  @Test func `the same push again is accepted and changes nothing`() throws {
    let centre = try TestCenter()
    var device = try centre.device(of: "HILL")
    let batches = [try device.seal(), try device.seal(values: ["sex": .code("female")])]
    let first = try centre.push(batches, by: device)
    let again = try centre.push(batches, by: device)
    #expect(again.acceptedChangesets == 2)
    #expect(again.vector == first.vector)
    #expect(again.stateRoot == first.stateRoot)
  }

  @Test func `the kept digest is that of the stored heads, and the store is whole`() throws {
    let centre = try TestCenter()
    var device = try centre.device(of: "HILL")
    _ = try centre.push([device.seal(), device.seal(values: ["sex": .code("female")])], by: device)
    let roots = try centre.center.store.read { store in
      [try store.stateRoot(site: "HILL"), try store.recomputedStateRoot(site: "HILL")]
    }
    #expect(roots[0] == roots[1])
    #expect(roots[0] != Data(count: 32))
    #expect(try centre.center.store.read { try $0.integrityFindings() } == [])
  }

  @Test func `a push goes on after a restart where it stopped`() throws {
    let centre = try TestCenter()
    var device = try centre.device(of: "HILL")
    let batches = try (0..<4).map { try device.seal(patient: PatientID(high: 1, low: $0)) }
    _ = try centre.push(Array(batches.prefix(2)), by: device)
    let restarted = try centre.reopened()
    let reply = try restarted.ingest(
      device.request(Array(batches.suffix(2))),
      site: "HILL",
      keyID: device.keyID,
      answeringAs: centre.identity,
      now: TestCenter.now
    )
    #expect(reply.vector[device.replica] == 4)
  }

  @Test func `one flipped bit is refused, named and counted`() throws {
    let centre = try TestCenter()
    var device = try centre.device(of: "HILL")
    let good = try device.seal()
    var bytes = try device.seal(values: ["sex": .code("female")])
    // The last byte belongs to the signature.
    bytes[bytes.count - 1] ^= 1
    let reply = try centre.push([good, bytes], by: device)
    #expect(reply.acceptedChangesets == 1)
    #expect(
      reply.refused == [
        BatchRefusal(
          replica: device.replica,
          firstSequence: 2,
          changesets: 1,
          reason: "signature"
        )
      ]
    )
  }

  @Test func `bytes without the form of a batch are refused alone`() throws {
    let centre = try TestCenter()
    var device = try centre.device(of: "HILL")
    let reply = try centre.push([Data([1, 2, 3]), device.seal()], by: device)
    #expect(reply.acceptedBatches == 1)
    #expect(reply.refused.map(\.reason) == ["form"])
  }

  @Test func `a batch of another site is out of scope`() throws {
    let centre = try TestCenter()
    var device = try centre.device(of: "HILL")
    let reply = try centre.push([device.seal(site: "COAST")], by: device)
    #expect(reply.refused.map(\.reason) == ["scope"])
    #expect(reply.vector.entries.isEmpty)
  }

  @Test func `a replica stays bound to the key of its first batch`() throws {
    let centre = try TestCenter()
    var device = try centre.device(of: "HILL")
    let other = try centre.device(of: "HILL")
    _ = try centre.push([device.seal()], by: device)
    // Neither under another device's name nor signed with its good key does the replica go on.
    for key in [device.key, other.key] {
      var impostor = device
      (impostor.keyID, impostor.key) = (other.keyID, key)
      let batch = try impostor.seal(values: ["sex": .code("female")])
      let reply = try centre.push([batch], by: impostor)
      #expect(reply.refused.map(\.reason) == ["signature"])
    }
  }

  @Test func `a device relays batches of another device of its site`() throws {
    let centre = try TestCenter()
    var author = try centre.device(of: "HILL")
    let carrier = try centre.device(of: "HILL")
    let reply = try centre.push([author.seal()], by: carrier)
    #expect(reply.acceptedBatches == 1)
  }

  @Test func `another device gets what it lacks`() throws {
    let centre = try TestCenter()
    var author = try centre.device(of: "HILL")
    let reader = try centre.device(of: "HILL")
    let batch = try author.seal()
    _ = try centre.push([batch], by: author)
    #expect(try centre.push([], by: reader).batches == [batch])
  }

  @Test func `what was just sent does not come back`() throws {
    let centre = try TestCenter()
    var device = try centre.device(of: "HILL")
    #expect(try centre.push([device.seal()], by: device).batches.isEmpty)
  }

  @Test func `another site's changes are not seen`() throws {
    let centre = try TestCenter()
    var author = try centre.device(of: "HILL")
    _ = try centre.push([author.seal()], by: author)
    let stranger = try centre.device(of: "COAST")
    let reply = try centre.push([], by: stranger)
    #expect(reply.batches.isEmpty)
    #expect(reply.vector.entries.isEmpty)
  }

  @Test func `a key on another site's path is refused`() throws {
    let centre = try TestCenter()
    let device = try centre.device(of: "HILL")
    _ = try centre.device(of: "COAST")
    #expect(throws: CenterError.revokedSite("COAST")) {
      try centre.center.ingest(
        device.request([]),
        site: "COAST",
        keyID: device.keyID,
        answeringAs: centre.identity,
        now: TestCenter.now
      )
    }
  }

  @Test func `a revoked site is refused and what it sent stays`() throws {
    let centre = try TestCenter()
    var device = try centre.device(of: "HILL")
    _ = try centre.push([device.seal()], by: device)
    try centre.center.revokeSite("HILL", now: TestCenter.now)
    #expect(throws: CenterError.revokedSite("HILL")) { try centre.push([], by: device) }
    #expect(try centre.center.makeCut(study: centre.study, now: TestCenter.now).patients == 1)
  }

  @Test func `what a revoked device sent stays good when another device brings it`() throws {
    let centre = try TestCenter()
    var lost = try centre.device(of: "HILL")
    let carrier = try centre.device(of: "HILL")
    let sent = try lost.seal()
    _ = try centre.push([sent], by: lost)
    try centre.center.revokeDevice(lost.keyID, of: "HILL", now: TestCenter.now)
    let later = try lost.seal(values: ["sex": .code("female")])
    let reply = try centre.push([sent, later], by: carrier)
    #expect(reply.acceptedBatches == 1)
    #expect(reply.refused.map(\.reason) == ["revoked"])
  }

  @Test func `a revoked device is refused and its site is not`() throws {
    let centre = try TestCenter()
    let lost = try centre.device(of: "HILL")
    let other = try centre.device(of: "HILL")
    try centre.center.revokeDevice(lost.keyID, of: "HILL", now: TestCenter.now)
    #expect(throws: CenterError.revokedSite("HILL")) { try centre.push([], by: lost) }
    #expect(try centre.push([], by: other).refused.isEmpty)
    #expect(try centre.center.verifyingKey(lost.keyID)?.isRevoked == true)
  }

  @Test func `a cloned device is refused as a fork`() throws {
    let centre = try TestCenter()
    var device = try centre.device(of: "HILL")
    _ = try centre.push([device.seal()], by: device)
    var clone = device
    _ = try centre.push([device.seal(values: ["sex": .code("female")])], by: device)
    let reply = try centre.push([clone.seal(values: ["ecog": .code("1")])], by: clone)
    #expect(reply.refused.map(\.reason) == ["fork"])
  }

  @Test func `sent is accepted and refused together`() throws {
    let centre = try TestCenter()
    var device = try centre.device(of: "HILL")
    let good = try device.seal(
      patients: (0..<5).map { PatientID(high: 2, low: $0) },
      values: ["sex": .code("male")]
    )
    var bad = try device.seal()
    bad[bad.count - 1] ^= 1
    let reply = try centre.push([good, bad], by: device)
    let receipt = try #require(
      try centre.center.store.read { try $0.receipts(site: "HILL", limit: 1) }.first
    )
    #expect(receipt.sentChangesets == 6)
    #expect(
      reply.acceptedChangesets + reply.refused.reduce(0) { $0 + $1.changesets }
        == receipt.sentChangesets
    )
  }

  @Test func `a nonce is taken once`() throws {
    let centre = try TestCenter()
    let nonce = RequestNonce("n", keyID: "HILL/1", windowSeconds: 300)
    try centre.center.use(nonce, now: TestCenter.now)
    #expect(throws: CenterError.replayed) { try centre.center.use(nonce, now: TestCenter.now) }
  }

  @Test func `a nonce stays used after a restart`() throws {
    let centre = try TestCenter()
    let nonce = RequestNonce("n", keyID: "HILL/1", windowSeconds: 300)
    try centre.center.use(nonce, now: TestCenter.now)
    let restarted = try centre.reopened()
    #expect(throws: CenterError.replayed) { try restarted.use(nonce, now: TestCenter.now) }
  }

  @Test func `a request that comes again is refused before it is read, and changes nothing`() throws
  {
    let centre = try TestCenter()
    var device = try centre.device(of: "HILL")
    let request = device.request([try device.seal()])
    let nonce = RequestNonce("n", keyID: device.keyID, windowSeconds: 300)
    let ingest = {
      try centre.center.ingest(
        request,
        site: "HILL",
        keyID: device.keyID,
        nonce: nonce,
        answeringAs: centre.identity,
        now: TestCenter.now
      )
    }
    _ = try ingest()
    let before = try DatabaseText.dump(centre.path)
    #expect(throws: CenterError.replayed) { try ingest() }
    #expect(try DatabaseText.dump(centre.path) == before)
  }

  @Test func `a request that fails leaves its nonce unused`() throws {
    let centre = try TestCenter()
    var device = try centre.device(of: "HILL")
    let batch = try device.seal()
    let nonce = RequestNonce("n", keyID: device.keyID, windowSeconds: 300)
    #expect(throws: CenterError.revokedSite("HILL")) {
      try centre.center.ingest(
        device.request([batch]),
        site: "HILL",
        keyID: "HILL/9",
        nonce: nonce,
        answeringAs: centre.identity,
        now: TestCenter.now
      )
    }
    try centre.center.use(nonce, now: TestCenter.now)
  }
}
