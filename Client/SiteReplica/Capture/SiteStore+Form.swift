// SPDX-License-Identifier: Apache-2.0

import Deidentification
import GRDB
public import Registry
import RegistryDatabase
public import Replication

extension SiteStore {
  /// Fills in a form for one patient and checks it; nothing is written yet.
  ///
  /// - Parameters:
  ///   - mrn: The record number; an unknown one registers a patient and needs a treatment start.
  ///   - event: The event of fields that have several; nil where the field's name says it.
  ///   - reader: The reader of a reading; nil means the settled one.
  ///   - assignments: The fields and their texts.
  ///   - resolves: Whether the fields are in conflict and this decides them.
  ///   - shown: What the person saw; a value that was written since refuses the form.
  ///   - vault: Where identities are found.
  ///   - generator: Draws the id of a new patient.
  /// - Returns: The form, to be saved or dropped.
  /// - Throws: `SiteReplicaError` with every fault of the entry.
  public func draft(
    mrn: String,
    event: String? = nil,
    reader: String? = nil,
    assignments: [Assignment],
    resolves: Bool = false,
    shown: ShownHeads? = nil,
    vault: Vault,
    using generator: inout some RandomNumberGenerator
  ) throws(SiteReplicaError) -> FormDraft {
    guard let key = PatientKey(mrn) else {
      throw .entryRefused([
        Problem(
          row: 0,
          column: study.profile.roles.recordNumber,
          code: "missing_mrn",
          message: "The record number is empty or not text: give 1 to 64 characters",
          isWarning: false
        )
      ])
    }
    let known = try knownIdentity(key, vault: vault)
    let present =
      known
      ?? Identity(patient: .random(using: &generator), fields: [:], roles: vault.roles)
    var entered = try parse(assignments, event: event, reader: reader)
    var after = present
    if known == nil { entered.identity[vault.roles.recordNumber] = .text(key.text) }
    let differing = try vaultCall { () throws(VaultError) in
      entered.identity.isEmpty ? [] : try vault.differingFields(of: present.patient)
    }
    entered.identity = entered.identity.filter {
      present.fields[$0.key] != $0.value || differing.contains($0.key)
    }
    after.fields.merge(entered.identity) { $1 }
    guard after.treatmentStart != nil else {
      throw .identityMissing(fields: [vault.roles.treatmentStart])
    }
    return try compare(
      entered,
      before: present,
      after: after,
      isNew: known == nil,
      resolves: resolves,
      shown: shown,
      revision: Int64.random(in: 1...(1 << 53), using: &generator),
      vault: vault
    )
  }

  /// Saves a form: one changeset, its audit entry and its heads, in one transaction.
  ///
  /// - Returns: The changeset's dot; nil when only identity fields were written.
  /// - Throws: `SiteReplicaError.changedMeanwhile` when other heads stand where the form's values
  ///   would go: nothing is written, and both values are to be shown.
  @discardableResult
  public func save(
    _ draft: FormDraft,
    reason: ChangeReason? = nil,
    vault: Vault,
    actor: Actor,
    using generator: inout some RandomNumberGenerator
  ) throws(SiteReplicaError) -> Dot? {
    guard draft.changeCount > 0 else { throw .nothingToWrite }
    let dot: Dot? = try write { database in
      let record = try unitedRecord(of: draft.patient, in: database)
      try checkUnchanged(draft, record)
      var author = try ChangesetAuthor(self, in: database)
      if !draft.identity.isEmpty {
        try saveIdentities(of: draft, in: vault, database, using: &generator)
        try author.noteIdentity(draft.patient, draft.identity.keys.sorted(), by: actor)
      }
      guard !draft.writes.isEmpty else { return nil }
      let dot = try author.save(
        record,
        draft.writes,
        reason: reason ?? defaultReason(draft),
        action: draft.isResolution ? .resolution : .entry,
        by: actor
      )
      try author.finish()
      return dot
    }
    if !draft.identity.isEmpty { try settleCorrections(in: vault) }
    return dot
  }

  /// What the person saw counts: other heads at any registration refuse the form.
  private func checkUnchanged(
    _ draft: FormDraft,
    _ record: UnitedRecord
  ) throws(SiteReplicaError) {
    let present = draft.writes.flatMap(record.targets)
    guard present != draft.shown else { return }
    let changed = Set(present).symmetricDifference(draft.shown)
    throw .changedMeanwhile(fields: Set(changed.map(\.address.field)).sorted())
  }

  /// Writes the identity fields to every registration; each keeps its own record number.
  private func saveIdentities(
    of draft: FormDraft,
    in vault: Vault,
    _ database: Database,
    using generator: inout some RandomNumberGenerator
  ) throws {
    let others = draft.registrations.filter { $0 != draft.patient }
    let identities = try ([draft.patient] + others).compactMap { registration -> Identity? in
      if registration == draft.patient {
        return Identity(patient: registration, fields: draft.identity, roles: vault.roles)
      }
      var shared = draft.identity
      shared[vault.roles.recordNumber] = nil
      guard !shared.isEmpty, try vault.identity(of: registration) != nil else { return nil }
      return Identity(patient: registration, fields: shared, roles: vault.roles)
    }
    try saveIdentities(
      new: draft.isNew ? identities : [],
      changed: draft.isNew ? [] : identities,
      in: vault,
      database,
      using: &generator
    )
  }

  private func defaultReason(_ draft: FormDraft) -> ChangeReason {
    if draft.isResolution { return .resolution }
    if draft.writes.contains(where: { $0.field == draft.revisionField }) {
      return .identityCorrection
    }
    return draft.shown.contains { !$0.heads.isEmpty } ? .correction : .entry
  }

  /// Leaves out what stands already, and refuses fields in the wrong state.
  private func compare(
    _ entered: EnteredForm,
    before: Identity,
    after: Identity,
    isNew: Bool,
    resolves: Bool,
    shown seen: ShownHeads?,
    revision: Int64,
    vault: Vault
  ) throws(SiteReplicaError) -> FormDraft {
    guard let start = after.treatmentStart else { throw .unknownPatient }
    let patient = before.patient
    let record = try readStatements { try unitedRecord(of: patient, in: $0) }
    let rows = record.united
    let warnings = try check(entered.writes, after: after, rows: rows)
    var entered = entered
    let correction = try correction(of: entered, before, start, record, revision, vault: vault)
    entered.identity.merge(correction.identity) { $1 }
    let givesAge = givesAge(entered.identity, patient, rows) && !correction.isAdopted
    let deidentified = try outgoing(
      entered.writes + correction.moved,
      from: start,
      birthDate: givesAge ? after.birthDate : nil
    )
    var needed = correction.revision.map { [$0] } ?? []
    var shown: [WriteTarget] = []
    for write in needed { shown += record.targets(write) }
    for write in deidentified {
      let row = RowAddress(patient: patient, event: write.event, reader: write.reader)
      let register = rows[row]?[write.field] ?? Register()
      try checkState(register, of: write, resolves, seen)
      guard resolves || register.value != write.value else { continue }
      needed.append(write)
      shown += record.targets(write)
    }
    return FormDraft(
      patient: patient,
      isNew: isNew,
      warnings: warnings,
      identity: entered.identity,
      writes: needed,
      shown: shown,
      registrations: record.registrations,
      isResolution: resolves,
      revisionField: study.profile.roles.startRevision
    )
  }

  private func outgoing(
    _ writes: [EnteredWrite],
    from start: CalendarDate,
    birthDate: CalendarDate?
  ) throws(SiteReplicaError) -> [DeidentifiedWrite] {
    do {
      return try deidentifier.writes(writes, treatmentStart: start, birthDate: birthDate)
    } catch {
      throw .notDeidentifiable(reason: error.words)
    }
  }

  /// Refuses a value that changed since it was shown, and a field in the wrong state.
  private func checkState(
    _ register: Register,
    of write: DeidentifiedWrite,
    _ resolves: Bool,
    _ seen: ShownHeads?
  ) throws(SiteReplicaError) {
    if let seen, !register.heads.allSatisfy({ seen.covers($0.dot) }) {
      throw .changedMeanwhile(fields: [write.field])
    }
    guard resolves == register.hasConflict else {
      throw resolves
        ? .notInConflict(field: write.field, event: write.event)
        : .inConflict(field: write.field, event: write.event)
    }
  }

  /// Whether a change writes the age.
  ///
  /// It is a function of both dates: it is written when one of them was, or with the first values
  /// of a patient whose identity an interrupted import had left behind.
  func givesAge(
    _ changes: [String: EnteredValue],
    _ patient: PatientID,
    _ rows: [RowAddress: RowHeads]
  ) -> Bool {
    let roles = study.profile.roles
    let home = RowAddress(patient: patient, event: "", reader: "")
    return changes[roles.birthDate] != nil || changes[roles.treatmentStart] != nil
      || rows[home]?[roles.age] == nil
  }

  /// The study's checks over what is entered together with what stands; hard ones are thrown.
  private func check(
    _ writes: [EnteredWrite],
    after: Identity,
    rows: [RowAddress: RowHeads]
  ) throws(SiteReplicaError) -> [Problem] {
    guard let start = after.treatmentStart else { return [] }
    let problems = checker.check(
      writes,
      treatmentStart: start,
      birthDate: after.birthDate,
      existing: rows
    )
    guard problems.allSatisfy(\.isWarning) else { throw .entryRefused(problems) }
    return problems
  }
}

/// What was typed, by where it will live.
struct EnteredForm {
  var identity: [String: EnteredValue] = [:]
  var writes: [EnteredWrite] = []
}

extension SiteStore {
  /// Finds the field of each assignment and reads its text.
  private func parse(
    _ assignments: [Assignment],
    event: String?,
    reader: String?
  ) throws(SiteReplicaError) -> EnteredForm {
    var form = EnteredForm()
    var problems: [Problem] = []
    for assignment in assignments {
      let (field, place) = try locate(assignment.field, event: event)
      do throws(EntryProblem) {
        let value = try checker.parse(assignment.text, field: field)
        if field.isIdentifying {
          form.identity[field.name] = value
        } else {
          let who = field.hasReaders ? reader ?? study.profile.consensus : ""
          form.writes.append(
            EnteredWrite(event: place, reader: who, field: field.name, value: value)
          )
        }
      } catch {
        problems.append(
          Problem(
            row: 0,
            column: assignment.field,
            code: error.code.rawValue,
            message: error.message,
            isWarning: false
          )
        )
      }
    }
    guard problems.isEmpty else { throw .entryRefused(problems) }
    if let reader, !study.isReader(reader) {
      throw .entryRefused([
        Problem(
          row: 0,
          column: "reader",
          code: "unknown_reader",
          message: "The reader is not one of the study's: use "
            + (study.profile.readers + [study.profile.consensus]).joined(separator: ", "),
          isWarning: false
        )
      ])
    }
    return form
  }

  /// The definition and event that a typed name means.
  func locate(
    _ name: String,
    event: String?
  ) throws(SiteReplicaError) -> (field: FieldDefinition, event: String) {
    if let event, let field = study.dictionary.field(name, event: event) { return (field, event) }
    if let column = study.column(name), event == nil || event == column.event {
      return (column.field, column.event)
    }
    if let field = study.dictionary.field(name, event: ""), event == nil || field.isIdentifying {
      return (field, "")
    }
    let events = study.dictionary.events(of: name)
    if event == nil, events.count > 1 { throw .eventNeeded(field: name, events: events) }
    // A word that the study does not know might be a patient's name: it is not carried on.
    let isKnown = !events.isEmpty || study.column(name) != nil
    let places = Set(study.dictionary.fields.flatMap(\.events))
    throw .unknownField(
      field: isKnown ? name : "",
      event: event.flatMap { places.contains($0) ? $0 : nil } ?? ""
    )
  }

  func vaultCall<T>(_ body: () throws(VaultError) -> T) throws(SiteReplicaError) -> T {
    do throws(VaultError) {
      return try body()
    } catch {
      throw .vault(error)
    }
  }
}
