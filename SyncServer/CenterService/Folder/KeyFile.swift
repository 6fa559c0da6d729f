// SPDX-License-Identifier: Apache-2.0

public import Crypto
import CryptoExtras
public import Foundation
import SyncProtocol

/// Ed25519 keys in files: one line, a heading and hexadecimal digits.
///
/// A private key may be under a passphrase: AES-256-GCM with a key that scrypt makes of it.
public enum KeyFile {
  private static let heading = "lobule-ed25519-private-key"
  private static let lockedHeading = "lobule-ed25519-locked-key"
  private static let publicHeading = "lobule-ed25519-public-key"
  /// scrypt's cost as a power of two: about 64 MiB and a third of a second.
  private static let costPower = 16
  private static let saltBytes = 16

  /// A public key with its name for people.
  public struct PublicHalf: Sendable {
    /// The key.
    public let key: Curve25519.Signing.PublicKey
    /// Whose it is; empty when nobody said.
    public let name: String

    /// Joins the parts.
    public init(key: Curve25519.Signing.PublicKey, name: String) {
      self.key = key
      self.name = name
    }

    /// The SHA-256 of the key in hexadecimal, to be read aloud and compared.
    public var keyID: String { Envelope.keyID(of: key) }
  }

  /// Writes a key to a new file that only the user can read.
  ///
  /// - Parameters:
  ///   - key: The key.
  ///   - path: The file.
  ///   - passphrase: What opens the file; nil for one that its permissions alone protect.
  /// - Throws: `CenterServiceError.file`, also when the file is there already.
  public static func write(
    _ key: Curve25519.Signing.PrivateKey,
    to path: String,
    passphrase: Data? = nil
  ) throws(CenterServiceError) {
    guard let passphrase else {
      let line = "\(heading) \(digits(key.rawRepresentation))\n"
      return try SecretFile.create(Data(line.utf8), at: path)
    }
    var generator = SystemRandomNumberGenerator()
    let salt = Data((0..<saltBytes).map { _ in UInt8.random(in: 0...255, using: &generator) })
    guard let wrapping = wrappingKey(passphrase, salt: salt, costPower: costPower),
      let box = try? AES.GCM.seal(
        key.rawRepresentation,
        using: wrapping,
        authenticating: Data(lockedHeading.utf8)
      ).combined
    else { throw .file(path: path, reason: "the key could not be locked") }
    let line = "\(lockedHeading) \(costPower) \(digits(salt)) \(digits(box))\n"
    try SecretFile.create(Data(line.utf8), at: path)
  }

  /// Writes the public half to a new file that everybody may read.
  ///
  /// - Throws: `CenterServiceError.file`, also when the file is there already.
  public static func writePublic(
    _ half: PublicHalf,
    to path: String
  ) throws(CenterServiceError) {
    let line = "\(publicHeading) \(digits(half.key.rawRepresentation)) \(half.name)"
    try SecretFile.create(
      Data("\(line.trimmingCharacters(in: .whitespaces))\n".utf8),
      at: path,
      mode: 0o644
    )
  }

  /// Reads a private key.
  ///
  /// - Throws: `CenterServiceError.file`, `.malformedKeyFile`, or `.keyLocked` when the passphrase
  ///   is missing or wrong.
  public static func read(
    _ path: String,
    passphrase: Data? = nil
  ) throws(CenterServiceError) -> Curve25519.Signing.PrivateKey {
    let words = try SecretFile.readText(path).split(whereSeparator: \.isWhitespace)
    let raw: Data?
    if words.first.map(String.init) == lockedHeading {
      raw = try unlock(words.dropFirst().map(String.init), passphrase, path)
    } else {
      raw = words.count == 2 && words[0] == heading ? bytes(String(words[1])) : nil
    }
    guard let raw, let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: raw) else {
      throw .malformedKeyFile(path: path)
    }
    return key
  }

  /// Reads the public half of a public or an unlocked private file.
  ///
  /// - Throws: `CenterServiceError.file`, `.malformedKeyFile` or `.keyLocked`.
  public static func readPublic(
    _ path: String,
    passphrase: Data? = nil
  ) throws(CenterServiceError) -> PublicHalf {
    let words = try SecretFile.readText(path).split(whereSeparator: \.isWhitespace)
    guard words.first.map(String.init) == publicHeading else {
      return PublicHalf(key: try read(path, passphrase: passphrase).publicKey, name: "")
    }
    guard words.count >= 2, let raw = bytes(String(words[1])),
      let key = try? Curve25519.Signing.PublicKey(rawRepresentation: raw)
    else { throw .malformedKeyFile(path: path) }
    return PublicHalf(key: key, name: words.dropFirst(2).joined(separator: " "))
  }

  private static func unlock(
    _ words: [String],
    _ passphrase: Data?,
    _ path: String
  ) throws(CenterServiceError) -> Data {
    guard words.count == 3, let power = Int(words[0]), (10...22).contains(power),
      let salt = bytes(words[1]), let combined = bytes(words[2]),
      let box = try? AES.GCM.SealedBox(combined: combined)
    else { throw .malformedKeyFile(path: path) }
    guard let passphrase, let wrapping = wrappingKey(passphrase, salt: salt, costPower: power),
      let raw = try? AES.GCM.open(box, using: wrapping, authenticating: Data(lockedHeading.utf8))
    else { throw .keyLocked(path: path) }
    return raw
  }

  private static func wrappingKey(
    _ passphrase: Data,
    salt: Data,
    costPower: Int
  ) -> SymmetricKey? {
    guard !passphrase.isEmpty else { return nil }
    return try? KDF.Scrypt.deriveKey(
      from: passphrase,
      salt: salt,
      outputByteCount: 32,
      rounds: 1 << costPower,
      blockSize: 8,
      parallelism: 1
    )
  }

  private static func digits(_ bytes: Data) -> String {
    bytes.map { String(format: "%02x", $0) }.joined()
  }

  private static func bytes(_ digits: String) -> Data? {
    guard digits.utf8.count.isMultiple(of: 2), digits.utf8.count <= 512 else { return nil }
    var bytes = Data()
    var rest = digits[...]
    while !rest.isEmpty {
      guard rest.prefix(2).allSatisfy(\.isHexDigit), let byte = UInt8(rest.prefix(2), radix: 16)
      else { return nil }
      bytes.append(byte)
      rest = rest.dropFirst(2)
    }
    return bytes
  }
}
