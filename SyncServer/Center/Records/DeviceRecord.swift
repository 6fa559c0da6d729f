// SPDX-License-Identifier: Apache-2.0

public import Foundation

/// What the holder of a key may do.
public enum DeviceRole: String, Sendable {
  /// Pushes and pulls the changes of its own site.
  case siteReplica = "site_replica"
  /// Administers its own site.
  case siteAdmin = "site_admin"
  /// Reads pooled rows by name, logged.
  case statistician
  /// Releases models.
  case publisher
  /// Reads and never writes.
  case auditor
}

/// An enrolled key.
public struct DeviceRecord: Equatable, Sendable {
  /// The name of the key: the site's code, a slash and a running number.
  public let keyID: String
  /// The site it belongs to; nil for a role of the coordinating centre.
  public let site: String?
  /// The Ed25519 public key, 32 bytes.
  public let publicKey: Data
  /// What its holder may do.
  public let role: DeviceRole
  /// Whether it was revoked.
  public let isRevoked: Bool
  /// When it was enrolled, in seconds since 1970.
  public let enrolledAt: Int
  /// When a request signed by it was last served; nil before the first.
  public let lastSeenAt: Int?
  /// The release that it last said it uses; nil before it said any.
  public let modelVersion: UInt64?
  /// The name of the key that took this one's place; nil while it was not rotated.
  public let successor: String?

  /// Makes a record of its parts.
  public init(
    keyID: String,
    site: String?,
    publicKey: Data,
    role: DeviceRole,
    isRevoked: Bool,
    enrolledAt: Int,
    lastSeenAt: Int? = nil,
    modelVersion: UInt64? = nil,
    successor: String? = nil
  ) {
    self.keyID = keyID
    self.site = site
    self.publicKey = publicKey
    self.role = role
    self.isRevoked = isRevoked
    self.enrolledAt = enrolledAt
    self.lastSeenAt = lastSeenAt
    self.modelVersion = modelVersion
    self.successor = successor
  }
}

/// An enrolment code as it is kept: the key derived from it, never the code.
public struct EnrolmentCodeRecord: Equatable, Sendable {
  /// The row's number.
  public let id: Int
  /// The site that it enrols a device of.
  public let site: String
  /// The key derived from the code.
  public let derivedKey: Data
  /// The second after which it is void.
  public let expiresAt: Int
  /// The device that it enrolled; nil while unused.
  public let usedBy: String?

  /// Makes a record of its parts.
  public init(id: Int, site: String, derivedKey: Data, expiresAt: Int, usedBy: String?) {
    self.id = id
    self.site = site
    self.derivedKey = derivedKey
    self.expiresAt = expiresAt
    self.usedBy = usedBy
  }
}

/// Which key writes under a replica id.
public struct ReplicaBinding: Equatable, Sendable {
  /// The site of the replica.
  public let site: String
  /// The key that its first batch was signed with.
  public let keyID: String
  /// The last sequence admitted before the key was revoked; nil while the key is good.
  public let lastAdmitted: UInt64?

  /// Makes a binding of its parts.
  public init(site: String, keyID: String, lastAdmitted: UInt64?) {
    self.site = site
    self.keyID = keyID
    self.lastAdmitted = lastAdmitted
  }
}
