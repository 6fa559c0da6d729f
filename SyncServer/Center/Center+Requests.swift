// SPDX-License-Identifier: Apache-2.0

import Crypto
public import SyncProtocol

extension Center {
  /// The key of a name with what its holder may do; nil when nobody enrolled it.
  ///
  /// - Parameters:
  ///   - keyID: The name.
  ///   - includesRotated: Whether a key that was rotated may still speak: to ask again for the
  ///     answer to its rotation, and for nothing else.
  /// - Returns: The key; nil when nobody enrolled it.
  /// - Throws: What the store throws.
  public func verifyingKey(
    _ keyID: String,
    includesRotated: Bool = false
  ) throws(CenterError) -> VerifyingKey? {
    try store.read { store in
      guard let device = try store.device(keyID) else { return nil }
      let isSiteRevoked = try device.site.flatMap { try store.site($0) }?.isRevoked ?? false
      return VerifyingKey(
        keyID: device.keyID,
        site: device.site,
        role: device.role.rawValue,
        isRevoked: isSiteRevoked
          || device.isRevoked && !(includesRotated && device.successor != nil),
        publicKey: try Curve25519.Signing.PublicKey(rawRepresentation: device.publicKey)
      )
    }
  }

  /// Records the nonce of a request.
  ///
  /// - Parameters:
  ///   - nonce: The nonce.
  ///   - keyID: The key that signed the request.
  ///   - now: Seconds since 1970.
  ///   - windowSeconds: How far the time of signing may lie from this clock, either way.
  /// - Returns: Whether it is new for this key; false for a replay.
  /// - Throws: What the store throws.
  public func useNonce(
    _ nonce: String,
    keyID: String,
    now: Int,
    windowSeconds: Int
  ) throws(CenterError) -> Bool {
    try store.write { store in
      try store.pruneNonces(now: now)
      // A request may be signed a window ahead and stays good until a window later.
      return try store.useNonce(nonce, keyID: keyID, dropAfter: now + 2 * windowSeconds)
    }
  }
}
