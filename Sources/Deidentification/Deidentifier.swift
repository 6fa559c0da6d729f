// SPDX-License-Identifier: Apache-2.0

public import Registry
public import Replication

/// Turns entered values into what may leave a site, and refuses everything else.
///
/// The controls are a whitelist: a field of the dictionary that leaves, at one of its events, with
/// a reader of the study, and a value of the field's kind within its choices and hard limit.
public struct Deidentifier: Sendable {
  private let study: Study

  /// The most writes of one changeset.
  public static let writeLimit = 1000

  /// Makes a de-identifier for a study.
  public init(study: Study) {
    self.study = study
  }

  /// The outgoing form of what was entered for one patient.
  ///
  /// Dates become whole days from treatment start. With a birth date, the age at treatment start is
  /// computed, pooled from `pooledAge` years on, and takes the place of an entered age; pass none
  /// where the age has not changed.
  ///
  /// - Throws: `DeidentificationError` at the first write that may not leave.
  public func writes(
    _ entered: [EnteredWrite],
    treatmentStart: CalendarDate,
    birthDate: CalendarDate?
  ) throws(DeidentificationError) -> [DeidentifiedWrite] {
    var result: [DeidentifiedWrite] = []
    result.reserveCapacity(entered.count + 1)
    let ageField = study.profile.roles.age
    if let birthDate, let definition = study.dictionary.field(ageField, event: nil) {
      let age = pooled(Int64(treatmentStart.age(bornOn: birthDate)))
      let event = definition.events.first ?? ""
      result.append(try admit(ageField, event, "", .integer(age), position: 0))
    }
    for (position, write) in entered.enumerated() {
      if birthDate != nil, write.field == ageField { continue }
      let definition = try definition(write.field, write.event, position: position)
      let value = try outgoing(write.value, definition, from: treatmentStart)
      result.append(
        try admit(write.field, write.event, write.reader, value, position: position)
      )
    }
    return result
  }

  /// A write that says an earlier value of a field was entered in error.
  public func retraction(
    event: String,
    reader: String,
    field: String
  ) throws(DeidentificationError) -> DeidentifiedWrite {
    try admit(field, event, reader, .retracted, position: 0)
  }

  /// A write that links a registration to another one of the same patient, or unlinks it.
  public func link(to patient: PatientID?) -> DeidentifiedWrite {
    DeidentifiedWrite(
      event: "",
      reader: "",
      field: study.profile.roles.link,
      value: patient.map(Value.patient) ?? .retracted
    )
  }

  /// A write that says which correction of the treatment start the offsets count from.
  ///
  /// The number is drawn at random and says nothing of the date.
  public func startRevision(_ number: Int64) -> DeidentifiedWrite {
    DeidentifiedWrite(
      event: "",
      reader: "",
      field: study.profile.roles.startRevision,
      value: .integer(number)
    )
  }

  /// The write that marks a patient as erased by law.
  public func erasure() -> DeidentifiedWrite {
    DeidentifiedWrite(event: "", reader: "", field: Address.erasureField, value: .erased)
  }

  /// A write of values that have left before, such as one side of a conflict or a re-issue.
  public func write(
    event: String,
    reader: String,
    field: String,
    value: Value
  ) throws(DeidentificationError) -> DeidentifiedWrite {
    try admit(field, event, reader, value, position: 0)
  }

  /// One patient's changeset, ready to be sealed; `reason` is the raw value of a `ChangeReason`.
  ///
  /// - Throws: `DeidentificationError` for an unknown reason or no writes.
  public func changeset(
    dot: Dot,
    lamport: UInt64,
    reason: String,
    context: VersionVector,
    patient: PatientID,
    writes: [DeidentifiedWrite]
  ) throws(DeidentificationError) -> DeidentifiedChangeset {
    let changeset = Changeset(
      dot: dot,
      lamport: lamport,
      reason: reason,
      context: context,
      writes: writes.map {
        FieldWrite(
          address: Address(
            patient: patient,
            event: $0.event,
            reader: $0.reader,
            field: $0.field
          ),
          value: $0.value
        )
      }
    )
    return try readmit(changeset)
  }

  /// Checks a changeset again that was read back from disk, before it is sealed.
  ///
  /// A changeset may write to several registrations of one patient, and a link names one more.
  ///
  /// - Throws: `DeidentificationError` at the first write that may not leave.
  public func readmit(
    _ changeset: Changeset
  ) throws(DeidentificationError) -> DeidentifiedChangeset {
    guard ChangeReason(rawValue: changeset.reason) != nil else { throw .unknownReason }
    guard !changeset.writes.isEmpty else { throw .nothingToWrite }
    guard changeset.writes.count <= Self.writeLimit else {
      throw .tooManyWrites(count: changeset.writes.count)
    }
    for (position, write) in changeset.writes.enumerated() {
      let row = write.address.row
      _ = try admit(
        write.address.field,
        row.event,
        row.reader,
        write.value,
        position: position
      )
    }
    return DeidentifiedChangeset(changeset: changeset)
  }
}

extension Deidentifier {
  /// Checks one write against the whitelist.
  private func admit(
    _ field: String,
    _ event: String,
    _ reader: String,
    _ value: Value,
    position: Int
  ) throws(DeidentificationError) -> DeidentifiedWrite {
    if field == study.profile.roles.link {
      try admitLink(event, reader, value)
    } else if field == study.profile.roles.startRevision {
      try admitRevision(event, reader, value)
    } else if value == .erased {
      guard field == Address.erasureField, event.isEmpty, reader.isEmpty else {
        throw .kindMismatch(field: Address.erasureField)
      }
    } else {
      let definition = try definition(field, event, position: position)
      guard definition.hasReaders ? study.isReader(reader) : reader.isEmpty else {
        throw .unknownReader(field: field)
      }
      try admit(value, definition)
    }
    return DeidentifiedWrite(event: event, reader: reader, field: field, value: value)
  }

  private func admitLink(
    _ event: String,
    _ reader: String,
    _ value: Value
  ) throws(DeidentificationError) {
    let field = study.profile.roles.link
    guard event.isEmpty, reader.isEmpty else { throw .unknownReader(field: field) }
    switch value {
    case .patient, .retracted: return
    case .integer, .decimal, .code, .boolean, .day, .missing, .erased:
      throw .kindMismatch(field: field)
    }
  }

  private func admitRevision(
    _ event: String,
    _ reader: String,
    _ value: Value
  ) throws(DeidentificationError) {
    let field = study.profile.roles.startRevision
    guard event.isEmpty, reader.isEmpty else { throw .unknownReader(field: field) }
    guard case .integer(let number) = value, number > 0, number <= 1 << 53 else {
      throw .kindMismatch(field: field)
    }
  }

  private func definition(
    _ field: String,
    _ event: String,
    position: Int
  ) throws(DeidentificationError) -> FieldDefinition {
    guard let known = study.dictionary.field(field, event: nil) else {
      throw .unknownField(position: position)
    }
    guard !known.isIdentifying else { throw .identifyingField(field) }
    guard let definition = study.dictionary.field(field, event: event) else {
      throw .unknownField(position: position)
    }
    return definition
  }

  private func admit(
    _ value: Value,
    _ definition: FieldDefinition
  ) throws(DeidentificationError) {
    let field = definition.name
    switch (definition.type, value) {
    case (_, .missing), (_, .retracted), (.boolean, .boolean): return
    case (.choice, .code(let code)):
      guard definition.choices.contains(code) else { throw .unlistedCode(field: field) }
    case (.integer, .integer(let number)):
      if field == study.profile.roles.age, number > Int64(study.profile.pooledAge) {
        throw .ageNotPooled
      }
      try limit(Double(number), definition)
    case (.decimal, .decimal(let number)):
      try limit(number, definition)
    case (.date, .day(let day)) where definition.disclosure == .asDayOffset:
      try limit(Double(day), definition)
    default: throw .kindMismatch(field: field)
    }
  }

  private func limit(
    _ number: Double,
    _ definition: FieldDefinition
  ) throws(DeidentificationError) {
    guard number.isFinite, definition.hard?.contains(number) ?? true else {
      throw .outsideHardLimit(field: definition.name)
    }
  }

  private func outgoing(
    _ value: EnteredValue,
    _ definition: FieldDefinition,
    from start: CalendarDate
  ) throws(DeidentificationError) -> Value {
    switch value {
    case .text: throw .freeText(field: definition.name)
    case .date(let date):
      guard definition.disclosure == .asDayOffset else {
        throw .calendarDate(field: definition.name)
      }
      guard let day = Int32(exactly: date.days(since: start)) else {
        throw .outsideHardLimit(field: definition.name)
      }
      return .day(day)
    case .integer(let number):
      return .integer(definition.name == study.profile.roles.age ? pooled(number) : number)
    case .decimal(let number): return .decimal(number)
    case .code(let code): return .code(code)
    case .boolean(let flag): return .boolean(flag)
    case .missing(let reason): return .missing(reason)
    }
  }

  private func pooled(_ age: Int64) -> Int64 { min(age, Int64(study.profile.pooledAge)) }
}
