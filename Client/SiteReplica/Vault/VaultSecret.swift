// SPDX-License-Identifier: Apache-2.0

import Crypto
import CryptoExtras
public import Foundation

/// What opens the vault.
public enum VaultSecret: Sendable {
  /// Which slot a secret opens.
  public enum Kind: String, Sendable {
    /// 32 random bytes in a file of mode 0600 kept apart from the store.
    case keyFile = "key_file"
    /// Words that a person knows, stretched by scrypt.
    case passphrase
    /// The key printed once when the vault is made.
    case recovery
  }

  /// The bytes of the key file.
  case keyFile(Data)
  /// The passphrase, in UTF-8.
  case passphrase(Data)
  /// The recovery key as printed; case, spaces and hyphens do not count.
  case recovery(String)

  /// The slot that this secret opens.
  public var kind: Kind {
    switch self {
    case .keyFile: .keyFile
    case .passphrase: .passphrase
    case .recovery: .recovery
    }
  }

  /// The binary logarithm of scrypt's cost N for new vaults: about 0.8 s and 128 MiB.
  static let scryptLogarithm = 17

  /// Derives the key that wraps the data key.
  ///
  /// - Parameters:
  ///   - salt: The slot's own random salt.
  ///   - rounds: The binary logarithm of N for a passphrase; 0 for random secrets, which need
  ///     no stretching.
  /// - Returns: A key of 256 bits.
  /// - Throws: `VaultError.wrongSecret` for a secret that cannot be one.
  func wrappingKey(salt: Data, rounds: Int) throws(VaultError) -> SymmetricKey {
    switch self {
    case .keyFile(let bytes):
      guard bytes.count >= 32 else { throw .wrongSecret }
      return Self.expand(bytes, salt: salt, purpose: "lobule vault key file")
    case .recovery(let text):
      guard let bytes = TransferCode.bytes(of: text) else { throw .wrongSecret }
      return Self.expand(bytes, salt: salt, purpose: "lobule vault recovery")
    case .passphrase(let bytes):
      guard !bytes.isEmpty, (10...22).contains(rounds) else { throw .wrongSecret }
      do {
        return try KDF.Scrypt.deriveKey(
          from: bytes,
          salt: salt,
          outputByteCount: 32,
          rounds: 1 << rounds,
          blockSize: 8,
          parallelism: 1
        )
      } catch {
        throw .wrongSecret
      }
    }
  }

  /// Stretches nothing: the input already holds at least 128 random bits.
  static func expand(_ bytes: Data, salt: Data, purpose: String) -> SymmetricKey {
    HKDF<SHA256>.deriveKey(
      inputKeyMaterial: SymmetricKey(data: bytes),
      salt: salt,
      info: Data(purpose.utf8),
      outputByteCount: 32
    )
  }
}

/// A random secret written for people: 130 bits in base32, in groups, with letters that cannot
/// be mistaken for digits.
enum TransferCode {
  private static let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ")
  private static let length = 26

  /// Draws a new code.
  static func make(using generator: inout some RandomNumberGenerator) -> String {
    let letters = (0..<length).map { _ in
      alphabet[Int(generator.next(upperBound: UInt64(alphabet.count)))]
    }
    return stride(from: 0, to: length, by: 5).map { start in
      String(letters[start..<min(start + 5, length)])
    }.joined(separator: "-")
  }

  /// The canonical bytes of a typed code; nil when it is not one.
  static func bytes(of text: String) -> Data? {
    let letters = text.uppercased().filter { $0 != "-" && !$0.isWhitespace }.map {
      ["O": "0", "I": "1", "L": "1"][$0] ?? $0
    }
    guard letters.count == length, letters.allSatisfy(alphabet.contains) else { return nil }
    return Data(String(letters).utf8)
  }
}
