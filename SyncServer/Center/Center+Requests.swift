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

  /// Records the nonce of a request, in a commit of its own.
  ///
  /// - Parameters:
  ///   - nonce: The nonce.
  ///   - now: Seconds since 1970.
  /// - Throws: `CenterError.replayed` when it was used before, or what the store throws.
  public func use(_ nonce: RequestNonce, now: Int) throws(CenterError) {
    try store.write { store in try Self.use(nonce, in: store, now: now) }
  }

  /// Records a nonce within a transaction: what throws after it leaves no trace of it either.
  static func use(_ nonce: RequestNonce, in store: any CenterWriting, now: Int) throws {
    try store.pruneNonces(now: now)
    // A request may be signed a window ahead and stays good until a window later.
    let isNew = try store.useNonce(
      nonce.text,
      keyID: nonce.keyID,
      dropAfter: now + 2 * nonce.windowSeconds
    )
    guard isNew else { throw CenterError.replayed }
  }
}

/// What makes a signed request count once.
public struct RequestNonce: Equatable, Sendable {
  /// The nonce as it was signed.
  public let text: String
  /// The key that signed it.
  public let keyID: String
  /// How far the time of signing may lie from the centre's clock, either way, in seconds.
  public let windowSeconds: Int

  /// Makes it of its parts.
  public init(_ text: String, keyID: String, windowSeconds: Int) {
    self.text = text
    self.keyID = keyID
    self.windowSeconds = windowSeconds
  }
}
