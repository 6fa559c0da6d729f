// SPDX-License-Identifier: Apache-2.0

import Center
import Crypto
import Foundation
import Replication
import SyncProtocol
import Testing

/// The centre's part of a key rotation.
@Suite struct RotationTests {
  private func rotate(
    _ centre: TestCenter,
    _ device: TestDevice,
    to key: Curve25519.Signing.PrivateKey,
    last: UInt64
  ) throws -> String {
    var lasts = VersionVector()
    if last > 0 { lasts.advance(device.replica, to: last) }
    let request = try KeyRotationRequest(
      site: device.site,
      keyID: device.keyID,
      key: key,
      lasts: lasts
    )
    let read = try #require(KeyRotationRequest(decoding: request.encoded()))
    return try centre.center.rotate(read, signedBy: device.keyID, now: TestCenter.now).keyID
  }

  @Test func `what the old key sealed is taken after the rotation and what it seals later is not`()
    throws
  {
    let centre = try TestCenter()
    var device = try centre.device(of: "HILL")
    let helper = try centre.device(of: "HILL")
    let sealed = [try device.seal(), try device.seal()]
    let beyond = try device.seal()
    _ = try rotate(centre, device, to: .init(), last: 2)
    let reply = try centre.push(sealed + [beyond], by: helper)
    #expect(reply.acceptedChangesets == 2)
    #expect(reply.refused.map(\.reason) == ["revoked"])
  }

  @Test func `the old key opens no new replica id`() throws {
    let centre = try TestCenter()
    let device = try centre.device(of: "HILL")
    let helper = try centre.device(of: "HILL")
    _ = try rotate(centre, device, to: .init(), last: 0)
    var stolen = device
    let reply = try centre.push([try stolen.seal()], by: helper)
    #expect(reply.refused.map(\.reason) == ["revoked"])
  }

  @Test func `asking again gives the same name, asking for another key is refused`() throws {
    let centre = try TestCenter()
    let device = try centre.device(of: "HILL")
    let key = Curve25519.Signing.PrivateKey()
    let first = try rotate(centre, device, to: key, last: 0)
    #expect(try rotate(centre, device, to: key, last: 0) == first)
    #expect(throws: CenterError.rotation(.rotatedAlready)) {
      try rotate(centre, device, to: .init(), last: 0)
    }
  }

  @Test func `a key that is enrolled is nobody's new key`() throws {
    let centre = try TestCenter()
    let device = try centre.device(of: "HILL")
    let other = try centre.device(of: "COAST")
    #expect(throws: CenterError.rotation(.keyInUse)) {
      try rotate(centre, device, to: other.key, last: 0)
    }
  }

  @Test func `a revoked device gets no new key`() throws {
    let centre = try TestCenter()
    let device = try centre.device(of: "HILL")
    try centre.center.revokeDevice(device.keyID, of: "HILL", now: TestCenter.now)
    #expect(throws: CenterError.revokedSite("HILL")) {
      try rotate(centre, device, to: .init(), last: 0)
    }
  }

  @Test func `a request that the new key did not sign is none`() throws {
    let key = Curve25519.Signing.PrivateKey()
    let request = try KeyRotationRequest(
      site: "HILL",
      keyID: "HILL/1",
      key: key,
      lasts: VersionVector()
    )
    let text = String(decoding: request.encoded(), as: UTF8.self)
    #expect(KeyRotationRequest(decoding: Data(text.utf8)) == request)
    #expect(
      KeyRotationRequest(decoding: Data(text.replacing("HILL/1", with: "HILL/2").utf8)) == nil
    )
  }
}
