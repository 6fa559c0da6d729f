// SPDX-License-Identifier: Apache-2.0

import Foundation
import Replication
public import SyncProtocol

extension Center {
  /// Hours that an enrolment code is good for.
  public static let enrolmentLifetimeHours = 72

  /// Adds a site, or one more code for a site that is there, and returns the code.
  ///
  /// The code is shown once and never stored; the store keeps the key derived from it.
  ///
  /// - Parameters:
  ///   - code: The site's code.
  ///   - name: The hospital's name, for people.
  ///   - now: Seconds since 1970.
  ///   - generator: The source of the code's randomness.
  /// - Returns: The code, to be shown once.
  /// - Throws: `CenterError.malformedSiteCode`, `.revokedSite` or `.siteNamedOtherwise`.
  public func addSite(
    _ code: String,
    name: String,
    now: Int,
    using generator: inout some RandomNumberGenerator
  ) throws(CenterError) -> EnrollmentCode {
    guard SiteRecord.isCode(code) else { throw .malformedSiteCode(code) }
    let enrolment = EnrollmentCode.random(using: &generator)
    let derivedKey = enrolment.secret.bytes
    try store.write { store in
      if let site = try store.site(code) {
        guard !site.isRevoked else { throw CenterError.revokedSite(code) }
        guard site.name == name || name.isEmpty else {
          throw CenterError.siteNamedOtherwise(code: code, name: site.name)
        }
      } else {
        try store.insert(
          SiteRecord(code: code, name: name.isEmpty ? code : name, isRevoked: false, addedAt: now)
        )
        try store.record(AuditEvent("site_added", subject: code), now: now)
      }
      try store.insertEnrolmentCode(
        site: code,
        derivedKey: derivedKey,
        now: now,
        expiresAt: now + Self.enrolmentLifetimeHours * 3600
      )
      try store.record(AuditEvent("enrolment_code_made", subject: code), now: now)
    }
    return enrolment
  }

  /// Revokes a site: its devices are refused from now on, and what it has sent stays valid.
  ///
  /// - Throws: `CenterError.unknownSite`; a site revoked before is left as it is.
  public func revokeSite(_ code: String, now: Int) throws(CenterError) {
    try store.write { store in
      guard let site = try store.site(code) else { throw CenterError.unknownSite(code) }
      guard !site.isRevoked else { return }
      try store.revoke(site: code, now: now)
      try store.record(AuditEvent("site_revoked", subject: code), now: now)
    }
  }

  /// Revokes one device of a site, as after a theft: what it has sent stays valid, also when
  /// another device of its site brings it.
  ///
  /// A key that was rotated stands for the one in its place.
  ///
  /// - Throws: `CenterError.unknownDevice`; a device revoked before is left as it is.
  public func revokeDevice(_ keyID: String, of site: String, now: Int) throws(CenterError) {
    try store.write { store in
      guard var device = try store.device(keyID), device.site == site else {
        throw CenterError.unknownDevice(keyID)
      }
      while let successor = device.successor, let next = try store.device(successor) {
        device = next
      }
      guard !device.isRevoked else { return }
      try store.revoke(device: device.keyID, now: now)
      try store.record(AuditEvent("device_revoked", subject: device.keyID), now: now)
    }
  }

  /// All sites with what they have sent.
  public func siteSummaries() throws(CenterError) -> [SiteSummary] {
    try store.read { store in
      try store.sites().map { site in
        let devices = try store.devices(site: site.code)
        return SiteSummary(
          site: site,
          devices: devices.count { !$0.isRevoked },
          changesets: try store.vector(site: site.code).entries.values.reduce(0, +),
          lastReceivedAt: try store.receipts(site: site.code, limit: 1).first?.receivedAt,
          lastSeenAt: devices.compactMap(\.lastSeenAt).max(),
          modelVersions: devices.filter { !$0.isRevoked }
            .reduce(into: [:]) { $0[$1.keyID] = $1.modelVersion }
        )
      }
    }
  }
}

/// A site with what it has sent.
public struct SiteSummary: Equatable, Sendable {
  /// The site.
  public let site: SiteRecord
  /// Devices that are enrolled and not revoked.
  public let devices: Int
  /// Changesets received from all its replicas.
  public let changesets: UInt64
  /// When it last sent changes, in seconds since 1970; nil before the first.
  public let lastReceivedAt: Int?
  /// When one of its devices last called, in seconds since 1970; nil before the first.
  public let lastSeenAt: Int?
  /// The release that each device last said it uses, by the name of its key.
  public let modelVersions: [String: UInt64]
}
