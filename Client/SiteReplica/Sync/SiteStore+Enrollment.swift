// SPDX-License-Identifier: Apache-2.0

import Crypto
public import Foundation
import GRDB
import Replication
public import SyncProtocol

extension SiteStore {
  /// Where this device is enrolled.
  ///
  /// - Throws: `SiteReplicaError.notEnrolled` before enrolment.
  public func enrollment() throws(SiteReplicaError) -> CenterEnrollment {
    try read { database in
      guard let server = try StoreMeta.text(.server, in: database),
        let authority = try StoreMeta.text(.authority, in: database),
        let keyID = try StoreMeta.text(.keyID, in: database),
        let key = try Self.centerKey(in: database)
      else { throw SiteReplicaError.notEnrolled }
      return CenterEnrollment(
        server: server,
        authorityCertificate: try StoreMeta.data(.authorityCertificate, in: database),
        authority: authority,
        centerName: try StoreMeta.text(.centerName, in: database) ?? "",
        keyID: keyID,
        centerKey: key
      )
    }
  }

  /// The centre's key, pinned at enrolment; nil before.
  static func centerKey(in database: Database) throws -> Curve25519.Signing.PublicKey? {
    guard let raw = try StoreMeta.data(.centerPublicKey, in: database) else { return nil }
    guard let key = try? Curve25519.Signing.PublicKey(rawRepresentation: raw) else {
      throw SiteReplicaError.storeDamaged("centre key")
    }
    return key
  }

  /// Enrols this device: its key is bound to the site under a one-time code that never leaves.
  ///
  /// - Parameters:
  ///   - server: The centre's address, kept for later syncs.
  ///   - authorityCertificate: The private certificate authority, PEM; nil for the system's.
  ///   - code: The code as the centre printed it.
  ///   - transport: The way to the centre.
  ///   - actor: Who enrols, and when, for the audit trail.
  /// - Returns: What was pinned.
  /// - Throws: `SiteReplicaError`; nothing is pinned then. `.alreadyEnrolled` when the device is
  ///   enrolled at another centre.
  public func enroll(
    server: String,
    authorityCertificate: Data?,
    code: EnrollmentCode,
    transport: any SyncTransport,
    actor: Actor
  ) async throws(SiteReplicaError) -> CenterEnrollment {
    // A restored centre may have forgotten this device: it enrols again, at the same centre alone.
    let present = try? enrollment()
    let key = try deviceKey()
    let reply: EnrollmentReply
    do throws(RemoteFailure) {
      reply = try await Self.askToEnroll(site, key, code, transport)
    } catch {
      throw .remote(error)
    }
    if let present, present.centerKey.rawRepresentation != reply.centerPublicKey {
      throw .alreadyEnrolled(server: present.server)
    }
    guard let root = try? TrustedRoot(Envelope.decode(reply.rootEnvelope)),
      let state = try? JSONEncoder().encode(ModelChannelState(trusting: root))
    else { throw .modelRefused(.untrusted(reason: "the root handed over does not sign itself")) }
    try write { database in
      try StoreMeta.set(.server, server, in: database)
      if let authorityCertificate {
        try StoreMeta.set(.authorityCertificate, authorityCertificate, in: database)
      }
      try StoreMeta.set(.authority, reply.authority, in: database)
      try StoreMeta.set(.centerName, reply.centerName, in: database)
      try StoreMeta.set(.keyID, reply.keyID, in: database)
      try StoreMeta.set(.centerKeyID, reply.centerKeyID, in: database)
      try StoreMeta.set(.centerPublicKey, reply.centerPublicKey, in: database)
      // What is trusted of the model channel only ever goes forward.
      if present == nil { try StoreMeta.set(.modelChannel, state, in: database) }
      var trail = try AuditTrail(database)
      try trail.append(.enrolled, by: actor, details: "{}")
    }
    return try enrollment()
  }

  private static func askToEnroll(
    _ site: String,
    _ key: Curve25519.Signing.PrivateKey,
    _ code: EnrollmentCode,
    _ transport: any SyncTransport
  ) async throws(RemoteFailure) -> EnrollmentReply {
    let publicKey = key.publicKey.rawRepresentation
    let asked = Enrollment.request(site: site, publicKey: publicKey, code: code)
    guard let body = try? asked.encoded() else { throw .malformedAnswer }
    let response: TransportResponse
    do throws(TransportError) {
      response = try await transport.send(
        HTTPRequestMessage(
          method: "POST",
          target: SyncRoutes.enroll,
          fields: [HTTPField(name: "content-type", value: SyncRoutes.jsonContentType)],
          body: body
        )
      )
    } catch {
      throw .transport(error)
    }
    guard (200..<300).contains(response.status) else { throw RemoteFailure(refusal: response) }
    guard let reply = try? EnrollmentReply(decoding: response.body) else {
      throw .malformedAnswer
    }
    do throws(SyncProtocolError) {
      // Only who knows the code can have made this answer: the keys in it may be pinned.
      try Enrollment.verify(reply, publicKey: publicKey, code: code)
    } catch {
      throw .wrongEnrollmentCode
    }
    return reply
  }
}
