// SPDX-License-Identifier: Apache-2.0

import Crypto
import Foundation
import GRDB
import RegistryDatabase
import Replication
public import SyncProtocol

/// What a key rotation did.
public struct KeyRotationReport: Equatable, Sendable {
  /// The name of the new key at the centre.
  public let keyID: String
  /// Whether an earlier rotation, which had broken off, was brought to its end.
  public let wasResumed: Bool
}

/// A rotation that has begun and whose answer is not here yet.
private struct StagedRotation: Codable {
  /// The new public key, 32 bytes.
  let publicKey: Data
  /// The last sequences that the old key sealed, by replica in hexadecimal.
  let lasts: [String: UInt64]

  var vector: VersionVector {
    var vector = VersionVector()
    for (replica, last) in lasts {
      if let id = ReplicaID(hex: replica) { vector.advance(id, to: last) }
    }
    return vector
  }
}

extension SiteStore {
  /// The key with which this device signs now.
  ///
  /// A crash between the commit of a rotation and the renaming of its file is mended here.
  func deviceKey() throws(SiteReplicaError) -> Curve25519.Signing.PrivateKey {
    let expected = try read { try StoreMeta.data(.devicePublicKey, in: $0) }
    let key = try? DeviceKey.read(folder: folder)
    guard let expected, key?.publicKey.rawRepresentation != expected else {
      if let key { return key }
      return try DeviceKey.read(folder: folder)
    }
    let next = try DeviceKey.readNext(folder: folder)
    guard next.publicKey.rawRepresentation == expected else {
      throw .deviceKeyUnusable(reason: "it is not the one that the centre knows")
    }
    try DeviceKey.activateNext(folder: folder)
    return next
  }

  /// Whether a rotation has begun and is not finished: nothing is sealed until it is.
  public func hasUnfinishedRotation() throws(SiteReplicaError) -> Bool {
    try read { try StoreMeta.data(.rotation, in: $0) } != nil
  }

  /// Gives this device a new signing key, which the old one introduces to the centre.
  ///
  /// What is pending is sealed with the old key; later changes are sealed under a new replica id,
  /// whose first batch carries the new key, so that the hospital's other devices need not be told.
  /// A rotation that broke off goes on where it was, with the same key.
  ///
  /// - Parameters:
  ///   - transport: The way to the centre.
  ///   - actor: Who asks, and when.
  ///   - clock: Seconds since 1970.
  ///   - generator: Draws the key and the replica id.
  /// - Returns: What was done.
  /// - Throws: `SiteReplicaError`; a rotation that has begun is then finished by the next sync.
  public func rotateKey(
    transport: any SyncTransport,
    actor: Actor,
    clock: @escaping @Sendable () -> Int,
    using generator: inout some RandomNumberGenerator
  ) async throws(SiteReplicaError) -> KeyRotationReport {
    let enrollment = try enrollment()
    let wasBegun = try hasUnfinishedRotation()
    let old = SigningIdentity(keyID: enrollment.keyID, privateKey: try deviceKey())
    let staged = try stage(old, using: &generator)
    let next = try DeviceKey.readNext(folder: folder)
    guard next.publicKey.rawRepresentation == staged.publicKey else {
      throw .deviceKeyUnusable(reason: "the new key is not the one of the rotation")
    }
    let request: KeyRotationRequest
    do throws(SyncProtocolError) {
      request = try KeyRotationRequest(
        site: site,
        keyID: old.keyID,
        key: next,
        lasts: staged.vector
      )
    } catch { throw .deviceKeyUnusable(reason: "the new key cannot sign") }
    let reply = try await ask(request, old, enrollment, transport, clock, using: &generator)
    try finish(staged, reply, actor)
    return KeyRotationReport(keyID: reply.keyID, wasResumed: wasBegun)
  }

  private func ask(
    _ request: KeyRotationRequest,
    _ identity: SigningIdentity,
    _ enrollment: CenterEnrollment,
    _ transport: any SyncTransport,
    _ clock: @escaping @Sendable () -> Int,
    using generator: inout some RandomNumberGenerator
  ) async throws(SiteReplicaError) -> KeyRotationReply {
    let offset: Int? = try read { try StoreMeta.integer(.clockOffset, in: $0) }
    var connection = CenterConnection(
      transport: transport,
      identity: identity,
      enrollment: enrollment,
      clockOffset: offset ?? 0,
      clock: clock
    )
    let body: Data
    do throws(RemoteFailure) {
      body = try await connection.send(
        HTTPRequestMessage(
          method: "POST",
          target: SyncRoutes.key(site),
          fields: [HTTPField(name: "content-type", value: SyncRoutes.jsonContentType)],
          body: request.encoded()
        ),
        using: &generator
      )
    } catch { throw .remote(error) }
    guard let reply = try? JSONDecoder().decode(KeyRotationReply.self, from: body) else {
      throw .remote(.malformedAnswer)
    }
    return reply
  }

  /// Begins a rotation in one transaction, or finds the one that has begun.
  ///
  /// The old key seals what is pending and nothing more: from here on changes are another
  /// replica's. The store's lock keeps two processes from beginning two rotations.
  private func stage(
    _ old: SigningIdentity,
    using generator: inout some RandomNumberGenerator
  ) throws(SiteReplicaError) -> StagedRotation {
    let successor = ReplicaID.random(using: &generator)
    let seed = Data.random(32, using: &generator)
    return try write { database in
      if let kept = try StoreMeta.data(.rotation, in: database),
        let staged = try? JSONDecoder().decode(StagedRotation.self, from: kept),
        (try? DeviceKey.readNext(folder: folder))?.publicKey.rawRepresentation == staged.publicKey
      {
        return staged
      }
      // What is left here belongs to a rotation that never began, or to a lost file.
      try StoreMeta.remove(.rotation, in: database)
      _ = try sealPending(with: old, in: database)
      let vector = try tables.vector(in: database)
      let own = try StoreMeta.ownReplicas(in: database)
      let key = try DeviceKey.createNext(folder: folder, seed: seed)
      let staged = StagedRotation(
        publicKey: key.publicKey.rawRepresentation,
        lasts: own.reduce(into: [:]) { lasts, replica in
          if vector[replica] > 0 { lasts[replica.description] = vector[replica] }
        }
      )
      try leave(
        try StoreMeta.replica(in: database),
        for: successor,
        identity: old,
        in: database
      )
      try StoreMeta.set(.rotation, try JSONEncoder().encode(staged), in: database)
      return staged
    }
  }

  private func finish(
    _ staged: StagedRotation,
    _ reply: KeyRotationReply,
    _ actor: Actor
  ) throws(SiteReplicaError) {
    try write { database in
      // Another process may have brought the same rotation to its end.
      guard try StoreMeta.data(.rotation, in: database) != nil else { return }
      try StoreMeta.set(.keyID, reply.keyID, in: database)
      try StoreMeta.set(.devicePublicKey, staged.publicKey, in: database)
      try StoreMeta.remove(.rotation, in: database)
      var trail = try AuditTrail(database)
      try trail.append(.keyRotated, by: actor, details: "{}")
    }
    _ = try deviceKey()
  }
}
