// SPDX-License-Identifier: Apache-2.0

import Crypto
public import Foundation
import SwiftASN1
import X509

/// The coordinating centre's own certificate authority, made once when the centre is set up.
///
/// Sites trust its certificate file and no public authority, so a centre needs no public name.
public struct CertificateAuthority: Sendable {
  /// The authority's certificate, in PEM form: the file that sites are given.
  public let certificatePEM: String
  /// The authority's private key, in PEM form: may be kept away from the serving machine.
  public let privateKeyPEM: String

  /// Takes an authority from the two texts it was kept in.
  public init(certificatePEM: String, privateKeyPEM: String) {
    self.certificatePEM = certificatePEM
    self.privateKeyPEM = privateKeyPEM
  }
}

/// A server's certificate with its private key.
public struct ServerCertificate: Sendable {
  /// The certificate, in PEM form.
  public let certificatePEM: String
  /// The private key, in PEM form.
  public let privateKeyPEM: String
  /// SHA-256 of the certificate, in lower-case hexadecimal, as people compare it.
  public let fingerprint: String
}

extension CertificateAuthority {
  /// Days that an authority's certificate is valid.
  static let authorityLifetimeDays = 3650
  /// Days that a server's certificate is valid.
  static let serverLifetimeDays = 825
  /// Seconds before `now` at which a certificate starts: ten years.
  ///
  /// A hospital's computer whose clock fell back must reach the centre to be told the right time.
  static let backdatingSeconds: TimeInterval = 3_650 * 86_400

  /// Makes an authority with a new P-256 key.
  ///
  /// - Parameters:
  ///   - centerName: The coordinating centre's name, shown in the certificate.
  ///   - now: The time from which it is valid.
  /// - Returns: The new authority.
  /// - Throws: `CenterServiceError.certificate` when the name has no form in a certificate.
  public static func make(
    centerName: String,
    now: Date
  ) throws(CenterServiceError) -> CertificateAuthority {
    do {
      let key = P256.Signing.PrivateKey()
      let name = try DistinguishedName {
        CommonName("Lobule certificate authority")
        OrganizationName(String(centerName.prefix(64)))
      }
      let signingKey = Certificate.PrivateKey(key)
      let certificate = try Certificate(
        version: .v3,
        serialNumber: Certificate.SerialNumber(),
        publicKey: signingKey.publicKey,
        notValidBefore: now.addingTimeInterval(-backdatingSeconds),
        notValidAfter: now.addingTimeInterval(days(authorityLifetimeDays)),
        issuer: name,
        subject: name,
        signatureAlgorithm: .ecdsaWithSHA256,
        extensions: try Certificate.Extensions {
          Critical(BasicConstraints.isCertificateAuthority(maxPathLength: 0))
          Critical(KeyUsage(keyCertSign: true, cRLSign: true))
          SubjectKeyIdentifier(hash: signingKey.publicKey)
        },
        issuerPrivateKey: signingKey
      )
      return CertificateAuthority(
        certificatePEM: try certificate.serializeAsPEM().pemString + "\n",
        privateKeyPEM: key.pemRepresentation + "\n"
      )
    } catch { throw .certificate("\(error)") }
  }

  /// Issues a server certificate for the loopback names and the given hosts.
  ///
  /// - Parameters:
  ///   - hosts: Host names and IP addresses, without ports.
  ///   - now: The time from which it is valid.
  /// - Returns: The certificate with a new P-256 key.
  /// - Throws: `CenterServiceError.certificate` when the authority cannot be read or a name has
  ///   no form in a certificate.
  public func issueServerCertificate(
    hosts: [String],
    now: Date
  ) throws(CenterServiceError) -> ServerCertificate {
    do {
      let authority = try Certificate(pemEncoded: certificatePEM)
      let authorityKey = try Certificate.PrivateKey(pemEncoded: privateKeyPEM)
      let key = P256.Signing.PrivateKey()
      let publicKey = Certificate.PublicKey(key.publicKey)
      let names = Self.alternativeNames(hosts: hosts)
      let certificate = try Certificate(
        version: .v3,
        serialNumber: Certificate.SerialNumber(),
        publicKey: publicKey,
        notValidBefore: now.addingTimeInterval(-Self.backdatingSeconds),
        notValidAfter: now.addingTimeInterval(Self.days(Self.serverLifetimeDays)),
        issuer: authority.subject,
        subject: try DistinguishedName {
          CommonName(String((hosts.first ?? "localhost").prefix(64)))
        },
        signatureAlgorithm: .ecdsaWithSHA256,
        extensions: try Certificate.Extensions {
          Critical(BasicConstraints.notCertificateAuthority)
          Critical(KeyUsage(digitalSignature: true))
          try ExtendedKeyUsage([.serverAuth])
          SubjectAlternativeNames(names)
          SubjectKeyIdentifier(hash: publicKey)
          AuthorityKeyIdentifier(
            keyIdentifier: SubjectKeyIdentifier(hash: authority.publicKey).keyIdentifier
          )
        },
        issuerPrivateKey: authorityKey
      )
      let document = try certificate.serializeAsPEM()
      let digest = SHA256.hash(data: document.derBytes)
      return ServerCertificate(
        certificatePEM: document.pemString + "\n",
        privateKeyPEM: key.pemRepresentation + "\n",
        fingerprint: digest.map { String(format: "%02x", $0) }.joined()
      )
    } catch { throw .certificate("\(error)") }
  }

  /// The alternative names: loopback first, then every host once.
  private static func alternativeNames(hosts: [String]) -> [GeneralName] {
    var seen: Set<String> = []
    return (["localhost", "127.0.0.1", "::1"] + hosts).filter { seen.insert($0).inserted }
      .map { host in
        if let address = HostAddress.bytes(host) {
          return .ipAddress(ASN1OctetString(contentBytes: address[...]))
        }
        return .dnsName(host)
      }
  }

  private static func days(_ count: Int) -> TimeInterval { TimeInterval(count) * 86_400 }
}
