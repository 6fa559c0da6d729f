// SPDX-License-Identifier: Apache-2.0
import Crypto
public import Foundation

/// The key that both enrolment MACs are made with, derived from a one-time code.
///
/// The centre keeps this in place of the code, so that a copy of its store shows no code.
public struct EnrollmentSecret: Hashable, Sendable {
  /// The 32 bytes of the key.
  public let bytes: Data

  private static let salt = Data("lobule-enroll-1".utf8)

  /// Takes a key that was kept; nil when it has another length.
  public init?(bytes: Data) {
    guard bytes.count == 32 else { return nil }
    self.bytes = bytes
  }

  init(code characters: String) {
    bytes = HKDF<SHA256>.deriveKey(
      inputKeyMaterial: SymmetricKey(data: Data(characters.utf8)),
      salt: Self.salt,
      info: Data("mac".utf8),
      outputByteCount: 32
    ).withUnsafeBytes { Data($0) }
  }
}

extension EnrollmentCode {
  /// The key derived from the code.
  public var secret: EnrollmentSecret { EnrollmentSecret(code: characters) }
}
