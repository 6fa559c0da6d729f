// SPDX-License-Identifier: Apache-2.0

public import Registry
public import Replication

/// Who a patient is: the fields that never leave the site.
public struct Identity: Hashable, Sendable {
  /// The patient id under which the rest of the record stands.
  public let patient: PatientID
  /// The identifying values by field name; the record number is among them.
  public var fields: [String: EnteredValue]
  /// Which field plays which part in the study.
  public let roles: StudyProfile.Roles

  /// Makes an identity of its parts.
  public init(patient: PatientID, fields: [String: EnteredValue], roles: StudyProfile.Roles) {
    self.patient = patient
    self.fields = fields
    self.roles = roles
  }

  /// The record number; nil when only other fields are known or given.
  public var mrn: String? {
    if case .text(let text) = fields[roles.recordNumber] { text } else { nil }
  }

  /// Day 0 of every date of the patient.
  public var treatmentStart: CalendarDate? { date(roles.treatmentStart) }

  /// The date of birth.
  public var birthDate: CalendarDate? { date(roles.birthDate) }

  private func date(_ field: String) -> CalendarDate? {
    if case .date(let date) = fields[field] { date } else { nil }
  }
}
