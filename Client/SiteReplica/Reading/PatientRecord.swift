// SPDX-License-Identifier: Apache-2.0

public import Registry
public import Replication

/// Everything that is known of one patient, for display at the site.
public struct PatientRecord: Sendable {
  /// The patient id.
  public let patient: PatientID
  /// Who it is; nil when the identity has not reached this device.
  public let identity: Identity?
  /// The identities of the patient's other registrations.
  public let otherIdentities: [Identity]
  /// The recorded values, by event, reader and the dictionary's order.
  public let values: [RecordedValue]
  /// The row that analyses and scores use, derived indices included.
  public let row: AnalysisRow
  /// Whether another device corrected the treatment start: dates cannot be told from days here.
  public let isStartOutdated: Bool

  /// What a person who looks at this record sees, to be given back with a decision.
  public var shown: ShownHeads { ShownHeads(values.map(\.register)) }

  /// How many fields are in conflict.
  public var conflictCount: Int { values.count(where: \.register.hasConflict) }
}

/// One field of one patient.
public struct RecordedValue: Sendable {
  /// Where it stands.
  public let address: Address
  /// Its definition; nil for a field that this version's dictionary does not know.
  public let definition: FieldDefinition?
  /// Its heads.
  public let register: Register
  /// The value for people: provisional while in conflict, dates as calendar dates.
  public let text: String
}

/// A field with heads that differ, and where each comes from.
public struct ConflictReport: Sendable {
  /// One of the values.
  public struct Side: Sendable {
    /// The changeset that wrote it.
    public let dot: Dot
    /// The value for people.
    public let text: String
    /// Whether this device wrote it.
    public let isOwn: Bool
    /// This device's user, or the other device's local name.
    public let origin: String
    /// When it was saved here, or when it arrived here, Unix seconds; nil when not known.
    public let at: Int?
    /// Whether it is the value shown until somebody decides.
    public let isProvisional: Bool
  }

  /// The field's place.
  public let address: Address
  /// The record number; nil when the identity has not reached this device.
  public let mrn: String?
  /// The differing values, by dot.
  public let sides: [Side]
  /// What a person who looks at this conflict sees, to be given back with a decision.
  public let shown: ShownHeads
}

/// How the device stands: honest numbers, without opening the vault.
public struct StoreStatus: Sendable {
  /// The site's code.
  public let site: String
  /// The replica id under which this device writes.
  public let replica: ReplicaID
  /// Changesets known here, of every device.
  public let changesets: Int
  /// Own and relayed changesets that the centre has not acknowledged.
  public let unsent: Int
  /// Fields in conflict.
  public let conflicts: Int
  /// Patients known here.
  public let patients: Int
  /// Unix seconds; nil before the first sync.
  public let lastSync: Int?
  /// Whether the digests agreed at the last sync; nil when not comparable.
  public let lastDigestEqual: Bool?
  /// The centre's address; nil before enrolment.
  public let server: String?
  /// The version of the model release in use.
  public let modelVersion: UInt64
  /// Changesets of other devices that can be shown only by a newer program.
  public let waitingChangesets: Int
  /// Values that a newer version of the study knows.
  public let unknownValues: Int
}

/// A value that changed between being shown and being written.
public struct ChangedValue: Sendable {
  /// Its place.
  public let address: Address
  /// The values that were shown, for people; empty when there was none.
  public let shown: [String]
  /// The values that stand now, and where they come from.
  public let present: [ConflictReport.Side]
}
