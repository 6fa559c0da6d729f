// SPDX-License-Identifier: Apache-2.0
import Crypto
public import Foundation

/// A device's request to be enrolled: its public key, vouched for by the code.
public struct EnrollmentRequest: Hashable, Sendable, Codable {
  /// The site's code name.
  public let site: String
  /// The device's Ed25519 key, 32 bytes.
  public let publicKey: Data
  /// 32 bytes; see `Enrollment`.
  public let mac: Data

  /// Makes a request of its parts; `Enrollment.request` computes the MAC.
  public init(site: String, publicKey: Data, mac: Data) {
    self.site = site
    self.publicKey = publicKey
    self.mac = mac
  }

  enum CodingKeys: String, CodingKey {
    case site
    case publicKey = "public_key"
    case mac
  }
}

/// The centre's answer: the names of both keys and the root of trust, vouched for by the code.
public struct EnrollmentReply: Hashable, Sendable, Codable {
  /// The name under which the device's key is known from now on.
  public let keyID: String
  /// The name of the centre's key.
  public let centerKeyID: String
  /// The centre's Ed25519 key, 32 bytes, which signs its answers.
  public let centerPublicKey: Data
  /// The model channel's first root document, as an envelope's JSON.
  public let rootEnvelope: Data
  /// The centre's name for people.
  public let centerName: String
  /// The authority (host and port) that signed requests name.
  public let authority: String
  /// 32 bytes; see `Enrollment`.
  public let mac: Data

  /// Makes a reply of its parts; `Enrollment.reply` computes the MAC.
  public init(
    keyID: String,
    centerKeyID: String,
    centerPublicKey: Data,
    rootEnvelope: Data,
    centerName: String,
    authority: String,
    mac: Data
  ) {
    self.keyID = keyID
    self.centerKeyID = centerKeyID
    self.centerPublicKey = centerPublicKey
    self.rootEnvelope = rootEnvelope
    self.centerName = centerName
    self.authority = authority
    self.mac = mac
  }

  enum CodingKeys: String, CodingKey {
    case keyID = "key_id"
    case centerKeyID = "center_key_id"
    case centerPublicKey = "center_public_key"
    case rootEnvelope = "root_envelope"
    case centerName = "center_name"
    case authority
    case mac
  }
}

/// Making and checking of both enrolment messages.
///
/// The key of both MACs is HKDF-SHA256 of the code's 24 characters with the salt `lobule-enroll-1`
/// and the info `mac`. A MAC is HMAC-SHA256 over a label and the fields, each preceded by its
/// length as four big-endian bytes. The reply covers the request's public key too, so that it
/// answers that device and no other.
public enum Enrollment {
  /// The most bytes of either message.
  public static let limitBytes = 256 * 1024

  private static let requestLabel = "lobule-enroll-request-1"
  private static let replyLabel = "lobule-enroll-reply-1"

  /// Makes a device's request.
  public static func request(
    site: String,
    publicKey: Data,
    code: EnrollmentCode
  ) -> EnrollmentRequest {
    EnrollmentRequest(
      site: site,
      publicKey: publicKey,
      mac: mac(code: code, site: site, publicKey: publicKey)
    )
  }

  /// Makes the centre's reply to a request.
  public static func reply(
    keyID: String,
    centerKeyID: String,
    centerPublicKey: Data,
    rootEnvelope: Data,
    centerName: String,
    authority: String,
    to request: EnrollmentRequest,
    code: EnrollmentCode
  ) -> EnrollmentReply {
    reply(
      keyID: keyID,
      centerKeyID: centerKeyID,
      centerPublicKey: centerPublicKey,
      rootEnvelope: rootEnvelope,
      centerName: centerName,
      authority: authority,
      to: request,
      secret: code.secret
    )
  }

  /// Makes the centre's reply to a request with the key that it kept in place of the code.
  public static func reply(
    keyID: String,
    centerKeyID: String,
    centerPublicKey: Data,
    rootEnvelope: Data,
    centerName: String,
    authority: String,
    to request: EnrollmentRequest,
    secret: EnrollmentSecret
  ) -> EnrollmentReply {
    let unsigned = EnrollmentReply(
      keyID: keyID,
      centerKeyID: centerKeyID,
      centerPublicKey: centerPublicKey,
      rootEnvelope: rootEnvelope,
      centerName: centerName,
      authority: authority,
      mac: Data()
    )
    return EnrollmentReply(
      keyID: keyID,
      centerKeyID: centerKeyID,
      centerPublicKey: centerPublicKey,
      rootEnvelope: rootEnvelope,
      centerName: centerName,
      authority: authority,
      mac: mac(secret: secret, reply: unsigned, publicKey: request.publicKey)
    )
  }

  /// The MAC of a request.
  public static func mac(code: EnrollmentCode, site: String, publicKey: Data) -> Data {
    mac(secret: code.secret, site: site, publicKey: publicKey)
  }

  /// The MAC of a reply to the device with this public key.
  public static func mac(code: EnrollmentCode, reply: EnrollmentReply, publicKey: Data) -> Data {
    mac(secret: code.secret, reply: reply, publicKey: publicKey)
  }

  private static func mac(secret: EnrollmentSecret, site: String, publicKey: Data) -> Data {
    authenticate([Data(requestLabel.utf8), Data(site.utf8), publicKey], secret: secret)
  }

  private static func mac(
    secret: EnrollmentSecret,
    reply: EnrollmentReply,
    publicKey: Data
  ) -> Data {
    authenticate(
      [
        Data(replyLabel.utf8), publicKey, Data(reply.keyID.utf8), Data(reply.centerKeyID.utf8),
        reply.centerPublicKey, reply.rootEnvelope, Data(reply.centerName.utf8),
        Data(reply.authority.utf8),
      ],
      secret: secret
    )
  }

  /// Checks at the centre that a request was made with this code, in constant time.
  ///
  /// - Throws: `SyncProtocolError.enrollmentCodeDiffers`, or `.form` for a key of another length.
  public static func verify(
    _ request: EnrollmentRequest,
    code: EnrollmentCode
  ) throws(SyncProtocolError) {
    try verify(request, secret: code.secret)
  }

  /// Checks at the centre that a request was made with the code whose key was kept.
  ///
  /// - Throws: `SyncProtocolError.enrollmentCodeDiffers`, or `.form` for a key of another length.
  public static func verify(
    _ request: EnrollmentRequest,
    secret: EnrollmentSecret
  ) throws(SyncProtocolError) {
    guard request.publicKey.count == 32 else { throw .form(.length) }
    guard
      isEqual(request.mac, mac(secret: secret, site: request.site, publicKey: request.publicKey))
    else { throw .enrollmentCodeDiffers }
  }

  /// Checks at the device that a reply was made with its code and for its key, in constant time.
  ///
  /// - Throws: `SyncProtocolError.enrollmentCodeDiffers`, or `.form` for a key of another length.
  public static func verify(
    _ reply: EnrollmentReply,
    publicKey: Data,
    code: EnrollmentCode
  ) throws(SyncProtocolError) {
    guard reply.centerPublicKey.count == 32 else { throw .form(.length) }
    guard isEqual(reply.mac, mac(code: code, reply: reply, publicKey: publicKey)) else {
      throw .enrollmentCodeDiffers
    }
  }

  private static func authenticate(_ fields: [Data], secret: EnrollmentSecret) -> Data {
    var hmac = HMAC<SHA256>(key: SymmetricKey(data: secret.bytes))
    for field in fields {
      let count = UInt32(field.count)
      hmac.update(data: Data([24, 16, 8, 0].map { UInt8(truncatingIfNeeded: count >> $0) }))
      hmac.update(data: field)
    }
    return Data(hmac.finalize())
  }

  private static func isEqual(_ left: Data, _ right: Data) -> Bool {
    guard left.count == right.count else { return false }
    return zip(left, right).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
  }
}
