// SPDX-License-Identifier: Apache-2.0

import Deidentification
public import Registry
public import Replication

/// One FIELD=VALUE as typed.
public struct Assignment: Hashable, Sendable {
  /// The field's name, or an import column such as `adc_mean_week8`.
  public let field: String
  /// The text of the value.
  public let text: String

  /// Makes an assignment of its parts.
  public init(field: String, text: String) {
    self.field = field
    self.text = text
  }

  /// Reads `FIELD=VALUE`; nil without a name or an equals sign.
  public init?(_ text: String) {
    guard let sign = text.firstIndex(of: "="), sign != text.startIndex else { return nil }
    field = String(text[..<sign])
    self.text = String(text[text.index(after: sign)...])
  }
}

/// An address that a form writes to, and the heads that stand there.
struct WriteTarget: Hashable {
  let address: Address
  let heads: [Dot]
}

/// A form that is filled in and not yet saved: it remembers which heads it showed.
public struct FormDraft: Sendable {
  /// The patient.
  public let patient: PatientID
  /// Whether the record number was not known before.
  public let isNew: Bool
  /// Unusual values that will be accepted all the same.
  public let warnings: [Problem]
  /// How many values will be written, identity fields included.
  public var changeCount: Int {
    identity.keys.count { $0 != revisionField } + writes.count { $0.field != revisionField }
  }

  let identity: [String: EnteredValue]
  let writes: [DeidentifiedWrite]
  /// The heads that stood wherever something will be written, in the order of the writes.
  let shown: [WriteTarget]
  /// The patient's registrations, whose identities change together.
  var registrations: [PatientID] = []
  let isResolution: Bool
  /// The register that names a correction of the treatment start; nobody entered it.
  var revisionField = ""
}
