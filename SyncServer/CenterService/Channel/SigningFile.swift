// SPDX-License-Identifier: Apache-2.0

import Center
public import Crypto
public import Foundation
import PooledAnalysis
import RiskModel
public import SyncProtocol

/// A candidate on its way between the centre and the machines of those who sign.
public struct SigningFile: Codable, Sendable {
  /// The candidate's name; `released` for the model in force, which new keys sign again.
  public let candidate: String
  /// Whether it needs a reason of every signer.
  public let needsReason: Bool
  /// Why each signer signs without the gate, by key id.
  public var reasons: [String: String]
  /// The document with the signatures so far.
  public var envelope: Envelope

  /// The candidate's name that stands for the model in force.
  public static let released = "released"

  /// Makes a file of its parts.
  public init(
    candidate: String,
    needsReason: Bool,
    reasons: [String: String] = [:],
    envelope: Envelope
  ) {
    self.candidate = candidate
    self.needsReason = needsReason
    self.reasons = reasons
    self.envelope = envelope
  }

  /// Reads a file; nil when it is another one.
  public static func decode(_ bytes: Data) -> SigningFile? {
    guard (try? StrictJSON.parse(bytes, maximumBytes: 1 << 24)) != nil else { return nil }
    return try? JSONDecoder().decode(SigningFile.self, from: bytes)
  }

  /// The file's bytes.
  public func encoded() throws(CenterServiceError) -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard let bytes = try? encoder.encode(self) else { throw .modelChannel("signing file") }
    return bytes
  }
}

/// A signature made where the centre's store is not.
public struct OfflineSigning: Sendable {
  /// The file with the new signature.
  public let bytes: Data
  /// What was signed, for the signer to read.
  public let description: String
  /// The key that signed.
  public let keyID: String
  /// Signatures in the file now.
  public let signatures: Int

  /// Signs a file: a candidate's, a root document or an analysis plan.
  ///
  /// - Parameters:
  ///   - bytes: The file.
  ///   - key: The signer's key.
  ///   - reason: Why to sign without the gate; needed for a candidate that has not passed it.
  ///   - path: The file's name, for errors.
  /// - Returns: The file to carry back.
  /// - Throws: `CenterServiceError.unsignable`, or `.center(.ungated)`.
  public static func sign(
    _ bytes: Data,
    by key: Curve25519.Signing.PrivateKey,
    reason: String?,
    path: String
  ) throws(CenterServiceError) -> OfflineSigning {
    let keyID = Envelope.keyID(of: key.publicKey)
    if var file = SigningFile.decode(bytes) {
      if file.needsReason {
        guard let reason, !reason.isEmpty else { throw .center(.ungated(file.candidate)) }
        file.reasons[keyID] = reason
      }
      let description = try describe(file.envelope, path)
      try sign(&file.envelope, key)
      return OfflineSigning(
        bytes: try file.encoded(),
        description: description,
        keyID: keyID,
        signatures: file.envelope.signatures.count
      )
    }
    guard var envelope = try? Envelope.decode(bytes) else { throw .unsignable(path: path) }
    let description = try describe(envelope, path)
    try sign(&envelope, key)
    return OfflineSigning(
      bytes: envelope.encoded(),
      description: description,
      keyID: keyID,
      signatures: envelope.signatures.count
    )
  }

  private static func sign(
    _ envelope: inout Envelope,
    _ key: Curve25519.Signing.PrivateKey
  ) throws(CenterServiceError) {
    do throws(EnvelopeError) {
      try envelope.sign(by: key)
    } catch { throw .modelChannel("\(error)") }
  }

  /// What a document says, in words; only documents whose meaning is shown are signed.
  private static func describe(
    _ envelope: Envelope,
    _ path: String
  ) throws(CenterServiceError) -> String {
    let hash = "SHA-256 \(CenterAnalysis.sha256(envelope.payload))"
    if let root = try? RootListing(unverified: envelope) {
      return RootText.text(root) + hash
    }
    if let release = try? ModelRelease.decode(envelope.payload) {
      return "\(release.name), \(release.modelID) version \(release.version)\n\(release.status)\n"
        + "\(release.card.limitations.first ?? "")\n\(hash)"
    }
    guard envelope.payloadType == SignedPlan.payloadType,
      let plan = try? CenterAnalysis.plan(envelope.payload)
    else { throw .unsignable(path: path) }
    return "analysis plan \(plan.name)\n\(hash)"
  }
}

/// A root document in words.
public enum RootText {
  /// Version, expiry and keys by role.
  public static func text(_ root: RootListing) -> String {
    "root document version \(root.version)\n"
      + RootKey.Role.allCases.map { role in
        "\(root.thresholds[role] ?? 0) of these sign \(role.rawValue):\n"
          + root.keys(of: role).map { "  \($0.keyID) \($0.name ?? "")\n" }.joined()
      }.joined()
  }
}
