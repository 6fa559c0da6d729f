// SPDX-License-Identifier: Apache-2.0

public import Foundation
public import Replication

/// What a person did, as the site's audit trail names it.
public enum AuditAction: String, Sendable, CaseIterable {
  /// The store was made.
  case initialised
  /// A form was saved.
  case entry
  /// A row was imported.
  case `import`
  /// An identity field was written; the value stays in the vault.
  case identity
  /// A conflict was resolved.
  case resolution
  /// A patient was erased by law.
  case erasure
  /// Details of earlier entries were erased, because a patient was.
  case erased
  /// A value was entered in error.
  case retraction
  /// Another action on a patient, named by the reason in the details.
  case change
  /// The device was enrolled.
  case enrolled
  /// Batches were exchanged with the centre.
  case synced
  /// A bundle for the centre was written.
  case bundleWritten = "bundle_written"
  /// A bundle of the centre was read.
  case bundleRead = "bundle_read"
  /// A model release was taken into use.
  case modelActivated = "model_activated"
  /// A transfer file of the vault was written.
  case vaultWritten = "vault_written"
  /// A transfer file of the vault was read.
  case vaultRead = "vault_read"
  /// The vault got another passphrase, key file or recovery key.
  case vaultSecretChanged = "vault_secret_changed"
  /// The vault was locked: its key file opens it no more.
  case vaultLocked = "vault_locked"
  /// The vault was unlocked: it has a key file again.
  case vaultUnlocked = "vault_unlocked"
  /// The recovery key was tried and opens every identity.
  case recoveryRehearsed = "recovery_rehearsed"
  /// An identity value that was entered by mistake was removed with its former ones.
  case identityRedacted = "identity_redacted"
  /// The device took a new replica id after a fork.
  case forked
  /// Records were written to files.
  case exported
  /// The device got another signing key.
  case keyRotated = "key_rotated"
  /// The store was made of a backup and took a new replica id.
  case restored
  /// The centre's audit log was broken by a restore, and its root keys vouched for it.
  case auditBreakAccepted = "audit_break_accepted"
}

/// Who acts, and when: given by the program's edge.
public struct Actor: Sendable, Equatable {
  /// The local user's name; stays on this device.
  public let who: String
  /// UTC, Unix seconds.
  public let now: Int

  /// Names the acting user and the time.
  public init(who: String, now: Int) {
    self.who = who
    self.now = now
  }
}

/// One field of a changeset in the audit trail.
public struct AuditChange: Codable, Hashable, Sendable {
  /// The event, empty when the field has none.
  public let event: String
  /// The reader, empty when the field has none.
  public let reader: String
  /// The field's name.
  public let field: String
  /// The value before, empty when there was none, dates as days from treatment start.
  public let old: String
  /// The value after.
  public let new: String
}

/// One entry of the site's audit trail.
public struct AuditEntry: Hashable, Sendable {
  /// Its place, from 1.
  public let number: Int64
  /// UTC, Unix seconds.
  public let at: Int
  /// The local user.
  public let who: String
  /// What was done.
  public let action: String
  /// The patient, when it concerns one.
  public let patient: PatientID?
  /// The changeset, when it made one.
  public let dot: Dot?
  /// The reason code and the changed fields, as JSON.
  public let details: String
  /// SHA-256 over the entry before and this one.
  public let hash: Data
  /// The entry that says that this one's details were erased; nil for a whole entry.
  public let erasedBy: Int64?

  /// The changed fields; nil for an entry about something else.
  public var fieldDetails: AuditDetails? {
    try? JSONDecoder().decode(AuditDetails.self, from: Data(details.utf8))
  }
}

/// The details of an entry about changed fields.
public struct AuditDetails: Codable, Hashable, Sendable {
  /// The reason code.
  public let reason: String
  /// The changed fields; identity fields are named without values.
  public let changes: [AuditChange]
}

extension AuditDetails {
  /// The details as JSON with sorted keys, in UTF-8; every save writes one.
  var json: [UInt8] {
    var text: [UInt8] = []
    text.reserveCapacity(32 + 96 * changes.count)
    text += #"{"changes":["#.utf8
    for (index, change) in changes.enumerated() {
      if index > 0 { text.append(UInt8(ascii: ",")) }
      text += #"{"event":"#.utf8
      Self.append(change.event, to: &text)
      text += #","field":"#.utf8
      Self.append(change.field, to: &text)
      text += #","new":"#.utf8
      Self.append(change.new, to: &text)
      text += #","old":"#.utf8
      Self.append(change.old, to: &text)
      text += #","reader":"#.utf8
      Self.append(change.reader, to: &text)
      text.append(UInt8(ascii: "}"))
    }
    text += #"],"reason":"#.utf8
    Self.append(reason, to: &text)
    text.append(UInt8(ascii: "}"))
    return text
  }

  private static func append(_ value: String, to text: inout [UInt8]) {
    let quote = UInt8(ascii: "\"")
    let backslash = UInt8(ascii: "\\")
    text.append(quote)
    for byte in value.utf8 {
      if byte < 0x20 {
        text += "\\u00\(byte < 0x10 ? "0" : "")\(String(byte, radix: 16))".utf8
      } else {
        if byte == quote || byte == backslash { text.append(backslash) }
        text.append(byte)
      }
    }
    text.append(quote)
  }
}
