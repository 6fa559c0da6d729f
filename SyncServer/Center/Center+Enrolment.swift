// SPDX-License-Identifier: Apache-2.0

import Foundation
public import SyncProtocol

extension Center {
  /// Devices that one site may enrol: more is a mistake or an attack.
  public static let maximumDevicesPerSite = 64

  /// Enrols a device that proves to know a code of its site.
  ///
  /// The code is never sent: the request carries an HMAC over the new public key, keyed by it. A
  /// code enrols one device, whoever asks at the same time; the same device asking again with the
  /// same code, because the answer was lost, gets the same answer.
  ///
  /// - Parameters:
  ///   - request: The site, the new public key and the HMAC.
  ///   - authority: The authority under which the device reached the centre.
  ///   - now: Seconds since 1970.
  /// - Returns: The reply, with an HMAC of its own under the same code.
  /// - Throws: `CenterError.enrolment` with the reason.
  public func enrol(
    _ request: EnrollmentRequest,
    authority: String,
    now: Int
  ) throws(CenterError) -> EnrollmentReply {
    try store.write { store in
      guard request.publicKey.count == 32, SiteRecord.isCode(request.site) else {
        throw CenterError.enrolment(.malformed)
      }
      // An unknown site and a wrong code look the same from outside.
      guard let site = try store.site(request.site) else {
        throw CenterError.enrolment(.wrongCode)
      }
      let codes = try store.enrolmentCodes(site: site.code)
      guard let code = codes.first(where: { Self.fits($0, request) }),
        let secret = EnrollmentSecret(bytes: code.derivedKey)
      else { throw CenterError.enrolment(.wrongCode) }
      guard !site.isRevoked else { throw CenterError.enrolment(.revokedSite) }
      let keyID = try Self.admit(request, with: code, in: store, now: now)
      let identity = try Self.identity(in: store)
      return Enrollment.reply(
        keyID: keyID,
        centerKeyID: identity.keyID,
        centerPublicKey: identity.publicKey,
        rootEnvelope: try Self.root(in: store).envelope.encoded(),
        centerName: identity.name,
        authority: authority,
        to: request,
        secret: secret
      )
    }
  }

  private static func fits(_ code: EnrolmentCodeRecord, _ request: EnrollmentRequest) -> Bool {
    guard let secret = EnrollmentSecret(bytes: code.derivedKey) else { return false }
    return (try? Enrollment.verify(request, secret: secret)) != nil
  }

  /// Enrols the device, or finds that it is enrolled by this very code.
  private static func admit(
    _ request: EnrollmentRequest,
    with code: EnrolmentCodeRecord,
    in store: any CenterWriting,
    now: Int
  ) throws -> String {
    if let known = try store.device(publicKey: request.publicKey) {
      guard known.site == request.site else { throw CenterError.enrolment(.keyOfAnotherSite) }
      guard !known.isRevoked else { throw CenterError.enrolment(.revokedKey) }
      guard code.usedBy == known.keyID else {
        throw CenterError.enrolment(code.usedBy == nil ? .malformed : .usedCode)
      }
      return known.keyID
    }
    guard code.usedBy == nil else { throw CenterError.enrolment(.usedCode) }
    guard now <= code.expiresAt else { throw CenterError.enrolment(.expiredCode) }
    let count = try store.devices(site: request.site).count { $0.successor == nil }
    guard count < maximumDevicesPerSite else { throw CenterError.enrolment(.malformed) }
    let keyID = try nextKeyID(of: request.site, in: store)
    try store.insert(
      DeviceRecord(
        keyID: keyID,
        site: request.site,
        publicKey: request.publicKey,
        role: .siteReplica,
        isRevoked: false,
        enrolledAt: now
      )
    )
    guard try store.useEnrolmentCode(code.id, keyID: keyID, now: now) else {
      throw CenterError.enrolment(.usedCode)
    }
    try store.record(
      AuditEvent(
        "device_enrolled",
        actor: keyID,
        subject: request.site,
        details: ["public_key": hexadecimal(request.publicKey)]
      ),
      now: now
    )
    return keyID
  }
}
