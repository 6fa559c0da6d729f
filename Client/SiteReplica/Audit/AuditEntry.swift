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
  /// The device took a new replica id after a fork.
  case forked
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
  /// The details as JSON with sorted keys; every save writes one.
  var json: String {
    var text = #"{"changes":["#
    for (index, change) in changes.enumerated() {
      if index > 0 { text += "," }
      text += #"{"event":"#
      Self.append(change.event, to: &text)
      text += #","field":"#
      Self.append(change.field, to: &text)
      text += #","new":"#
      Self.append(change.new, to: &text)
      text += #","old":"#
      Self.append(change.old, to: &text)
      text += #","reader":"#
      Self.append(change.reader, to: &text)
      text += "}"
    }
    text += #"],"reason":"#
    Self.append(reason, to: &text)
    return text + "}"
  }

  private static func append(_ value: String, to text: inout String) {
    text += "\""
    if value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x22 && $0 != 0x5C }) {
      text += value
    } else {
      for scalar in value.unicodeScalars {
        switch scalar {
        case "\"", "\\": text += "\\\(scalar)"
        case _ where scalar.value < 0x20:
          let digits = String(scalar.value, radix: 16)
          text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        default: text.unicodeScalars.append(scalar)
        }
      }
    }
    text += "\""
  }
}
