// SPDX-License-Identifier: Apache-2.0

import Foundation
import Replication
public import SyncProtocol

extension Center {
  /// Puts a device's new key in the place of its old one.
  ///
  /// The old key is revoked up to the last sequences that the device states: what it had sealed
  /// stays good, also when it comes later or by another device. Later batches are another
  /// replica's, whose first one binds it to the new key. The same request again, because the
  /// answer was lost, gets the same answer.
  ///
  /// - Parameters:
  ///   - request: The request; its proof was checked when it was read.
  ///   - keyID: The key that signed it, in force or rotated before.
  ///   - now: Seconds since 1970.
  /// - Returns: The name of the new key.
  /// - Throws: `CenterError.rotation` or `.revokedSite`.
  public func rotate(
    _ request: KeyRotationRequest,
    signedBy keyID: String,
    now: Int
  ) throws(CenterError) -> KeyRotationReply {
    try store.write { store in
      guard request.keyID == keyID, let device = try store.device(keyID),
        let code = device.site, code == request.site, let site = try store.site(code)
      else { throw CenterError.rotation(.malformed) }
      guard !site.isRevoked else { throw CenterError.revokedSite(code) }
      if let successor = device.successor {
        guard let next = try store.device(successor), next.publicKey == request.publicKey else {
          throw CenterError.rotation(.rotatedAlready)
        }
        return KeyRotationReply(keyID: successor)
      }
      guard !device.isRevoked else { throw CenterError.revokedSite(code) }
      guard try store.device(publicKey: request.publicKey) == nil else {
        throw CenterError.rotation(.keyInUse)
      }
      let next = DeviceRecord(
        keyID: try Self.nextKeyID(of: code, in: store),
        site: code,
        publicKey: request.publicKey,
        role: device.role,
        isRevoked: false,
        enrolledAt: now
      )
      try store.insert(next)
      try store.revoke(device: keyID, now: now)
      try store.setSuccessor(next.keyID, of: keyID)
      try Self.admitUpTo(request.lasts, of: device, in: store, now: now)
      try store.record(
        AuditEvent(
          "key_rotated",
          actor: keyID,
          subject: next.keyID,
          details: ["public_key": Self.hexadecimal(request.publicKey)]
        ),
        now: now
      )
      return KeyRotationReply(keyID: next.keyID)
    }
  }

  /// What the old key had sealed is admitted, also what has not come yet.
  private static func admitUpTo(
    _ lasts: VersionVector,
    of device: DeviceRecord,
    in store: any CenterWriting,
    now: Int
  ) throws {
    let held = try store.vector(site: device.site ?? "")
    for (replica, last) in lasts.entries {
      let binding = try store.binding(of: replica)
      guard binding.map({ $0.keyID == device.keyID }) ?? true else { continue }
      if binding == nil {
        try store.bind(replica, site: device.site ?? "", keyID: device.keyID, now: now)
      }
      try store.setLastAdmitted(max(last, held[replica]), of: replica)
    }
  }

  /// The name of a site's next key.
  static func nextKeyID(of site: String, in store: any CenterReading) throws -> String {
    // In a later life numbers of the one before may come again: names must not.
    let life = try store.setting(Setting.epoch).map {
      "\(String(decoding: $0.prefix(8), as: UTF8.self))."
    }
    return "\(site)/\(life ?? "")\(try store.devices(site: site).count + 1)"
  }
}
