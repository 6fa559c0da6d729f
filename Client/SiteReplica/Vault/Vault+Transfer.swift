// SPDX-License-Identifier: Apache-2.0

import Crypto
public import Foundation
public import Registry
public import Replication

/// What opens a transfer file: the identities on their way to a second device of the same site.
public enum TransferSecret: Sendable {
  /// The code printed when the file was written.
  case code(String)
  /// A passphrase that both devices know.
  case passphrase(Data)
}

/// An identity field that two devices hold differently.
///
/// Neither value is overwritten.
public struct IdentityConflict: Hashable, Sendable {
  /// The patient.
  public let patient: PatientID
  /// The field's name.
  public let field: String
  /// The value on this device.
  public let here: EnteredValue
  /// The value in the file.
  public let there: EnteredValue
}

/// What reading a transfer file did.
public struct TransferResult: Sendable {
  /// Patients that this device did not know.
  public var added = 0
  /// Fields that were blank here and are filled now.
  public var filled = 0
  /// Treatment starts that the other device had corrected and this one has now.
  public var corrected = 0
  /// Fields that differ; this device's values stand until a person decides.
  public var conflicts: [IdentityConflict] = []
  /// Record numbers that the two devices registered under different patient ids.
  public var registeredTwice: [PatientID] = []
}

extension Vault {
  private static let magic = Data("lobule-vault-1\n".utf8)

  private struct Header: Codable {
    let site: String
    let rounds: Int
    let salt: Data
  }

  private struct Entry: Codable {
    let patient: String
    let fields: [String: String]
  }

  /// Draws a one-time code for a transfer file.
  public static func transferCode(using generator: inout some RandomNumberGenerator) -> String {
    TransferCode.make(using: &generator)
  }

  /// Writes every identity as one encrypted file.
  public func transferFile(
    site: String,
    secret: TransferSecret,
    using generator: inout some RandomNumberGenerator
  ) throws(VaultError) -> Data {
    let entries = try identities().values.sorted { $0.patient < $1.patient }.map { identity in
      Entry(
        patient: identity.patient.description,
        fields: identity.fields.mapValues {
          String(decoding: IdentityCodec.encode($0), as: UTF8.self)
        }
      )
    }
    let rounds = if case .passphrase = secret { VaultSecret.scryptLogarithm } else { 0 }
    let header = Header(site: site, rounds: rounds, salt: Data.random(16, using: &generator))
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    guard let head = try? encoder.encode(header), let body = try? encoder.encode(entries) else {
      throw .unusable(reason: "encoding failed")
    }
    let key = try Self.transferKey(secret, header)
    let sealed = try VaultCipher(key: key, keyVersion: 1).seal(
      body,
      at: Self.transferPlace(head),
      using: &generator
    )
    return Self.magic + head + Data("\n".utf8) + sealed
  }

  /// Reads a transfer file: unknown patients are added, blank fields are filled, and fields that
  /// differ are returned, kept for a decision, and left alone.
  ///
  /// A treatment start alone has versions: the one from which the days in the store count wins.
  ///
  /// - Parameters:
  ///   - file: The file's bytes.
  ///   - site: This device's site.
  ///   - secret: What opens the file.
  ///   - revisions: The numbers of the corrections of a patient's start that the store has.
  ///   - generator: Draws nonces; a cryptographic one outside tests.
  /// - Returns: What was done.
  /// - Throws: `VaultError.unreadableTransfer` or `.foreignTransfer`, and nothing is taken then.
  public func readTransfer(
    _ file: Data,
    site: String,
    secret: TransferSecret,
    revisions: (PatientID) throws(VaultError) -> [Int64] = { _ in [] },
    using generator: inout some RandomNumberGenerator
  ) throws(VaultError) -> TransferResult {
    var result = TransferResult()
    var changes: [Identity] = []
    var settled: [(patient: PatientID, field: String)] = []
    let known = try identities()
    for identity in try openTransfer(file, site: site, secret: secret) {
      guard let present = known[identity.patient] else {
        if try isRegistered(identity.mrn) { result.registeredTwice.append(identity.patient) }
        result.added += 1
        changes.append(identity)
        continue
      }
      let numbers = try revisions(identity.patient)
      var update = Identity(patient: identity.patient, fields: [:], roles: roles)
      for (field, there) in identity.fields.sorted(by: { $0.key < $1.key })
      where field != roles.startRevision {
        guard let here = present.fields[field] else {
          update.fields[field] = there
          continue
        }
        if field == roles.treatmentStart, isNewer(identity, than: present, by: numbers) {
          update.fields[field] = there
          update.fields[roles.startRevision] = identity.fields[roles.startRevision]
          result.corrected += 1
          continue
        }
        guard here != there else {
          settled.append((identity.patient, field))
          continue
        }
        if field == roles.treatmentStart, isNewer(present, than: identity, by: numbers) { continue }
        result.conflicts.append(
          IdentityConflict(patient: identity.patient, field: field, here: here, there: there)
        )
      }
      result.filled += update.fields.keys.count {
        present.fields[$0] == nil && $0 != roles.startRevision
      }
      if !update.fields.isEmpty { changes.append(update) }
    }
    try save(changes, using: &generator)
    try keep(result.conflicts, settled: settled, using: &generator)
    return result
  }

  private func isRegistered(_ mrn: String?) throws(VaultError) -> Bool {
    guard let mrn else { return false }
    return try !patients(mrn: mrn).isEmpty
  }

  /// Whether one identity's start is that from which the days count, and the other's is not.
  private func isNewer(
    _ one: Identity,
    than other: Identity,
    by numbers: [Int64]
  ) -> Bool {
    guard !numbers.isEmpty, one.startRevision != other.startRevision else { return false }
    return numbers.allSatisfy { $0 == one.startRevision }
  }

  private func openTransfer(
    _ file: Data,
    site: String,
    secret: TransferSecret
  ) throws(VaultError) -> [Identity] {
    guard file.starts(with: Self.magic) else { throw .unreadableTransfer }
    let rest = file.dropFirst(Self.magic.count)
    guard let end = rest.firstIndex(of: UInt8(ascii: "\n")) else { throw .unreadableTransfer }
    let head = Data(rest[rest.startIndex..<end])
    guard let header = try? JSONDecoder().decode(Header.self, from: head),
      header.rounds == 0 || (10...20).contains(header.rounds)
    else { throw .unreadableTransfer }
    guard header.site == site else { throw .foreignTransfer(site: header.site) }
    do {
      let key = try Self.transferKey(secret, header)
      let body = try VaultCipher(key: key, keyVersion: 1).open(
        Data(rest[rest.index(after: end)...]),
        at: Self.transferPlace(head)
      )
      return try JSONDecoder().decode([Entry].self, from: body).map(identity)
    } catch {
      throw .unreadableTransfer
    }
  }

  private func identity(_ entry: Entry) throws(VaultError) -> Identity {
    guard let patient = PatientID(hex: entry.patient) else { throw .unreadableTransfer }
    var identity = Identity(patient: patient, fields: [:], roles: roles)
    for (field, text) in entry.fields {
      guard let value = IdentityCodec.decode(Data(text.utf8)) else { throw .unreadableTransfer }
      identity.fields[field] = value
    }
    return identity
  }

  private static func transferKey(
    _ secret: TransferSecret,
    _ header: Header
  ) throws(VaultError)
    -> SymmetricKey
  {
    switch secret {
    case .code(let text):
      guard header.rounds == 0, let bytes = TransferCode.bytes(of: text) else {
        throw .unreadableTransfer
      }
      return VaultSecret.expand(bytes, salt: header.salt, purpose: "lobule vault transfer")
    case .passphrase(let bytes):
      return try VaultSecret.passphrase(bytes).wrappingKey(
        salt: header.salt,
        rounds: header.rounds
      )
    }
  }

  private static func transferPlace(_ header: Data) -> VaultCipher.Place {
    VaultCipher.Place(table: "transfer", row: header, column: "identities")
  }
}
