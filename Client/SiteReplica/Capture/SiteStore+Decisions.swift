// SPDX-License-Identifier: Apache-2.0

import Deidentification
import GRDB
import Registry
import RegistryDatabase
public import Replication

extension SiteStore {
  /// Decides a conflict for one of its values.
  ///
  /// `head` is the dot of the value that is right, as `Dot.text` writes it. With `shown`, a value
  /// that was written since refuses the decision as `SiteReplicaError.changedMeanwhile`.
  public func draftResolution(
    mrn: String,
    event: String?,
    reader: String?,
    field: String,
    head: String,
    shown: ShownHeads? = nil,
    vault: Vault
  ) throws(SiteReplicaError) -> FormDraft {
    let (address, record) = try find(mrn, event, reader, field, vault)
    let register = record.register(at: address)
    if let shown, !register.heads.allSatisfy({ shown.covers($0.dot) }) {
      throw .changedMeanwhile(fields: [address.field])
    }
    guard register.hasConflict else {
      throw .notInConflict(field: address.field, event: address.row.event)
    }
    guard let chosen = register.heads.first(where: { $0.dot.text == head }) else {
      throw .unknownHead(head)
    }
    return try draft(writing: chosen.value, at: address, of: record, isResolution: true)
  }

  /// Marks a value as entered in error.
  public func draftRetraction(
    mrn: String,
    event: String?,
    reader: String?,
    field: String,
    vault: Vault
  ) throws(SiteReplicaError) -> FormDraft {
    let (address, record) = try find(mrn, event, reader, field, vault)
    let register = record.register(at: address)
    guard !register.heads.isEmpty, register.value != .retracted else { throw .nothingToWrite }
    return try draft(writing: .retracted, at: address, of: record, isResolution: false)
  }

  /// Takes a retraction back: the last value before it stands again.
  ///
  /// - Throws: `SiteReplicaError.notRetracted` when the value is not retracted, and `.inConflict`
  ///   when another one stands beside the retraction.
  public func draftUnretraction(
    mrn: String,
    event: String?,
    reader: String?,
    field: String,
    vault: Vault
  ) throws(SiteReplicaError) -> FormDraft {
    let (address, record) = try find(mrn, event, reader, field, vault)
    let register = record.register(at: address)
    guard !register.hasConflict else {
      throw .inConflict(field: address.field, event: address.row.event)
    }
    guard register.value == .retracted else {
      throw .notRetracted(field: address.field, event: address.row.event)
    }
    let places = Set(
      record.targets(event: address.row.event, reader: address.row.reader, field: address.field)
        .map(\.address)
    )
    let former = try read { try lastValue(at: places, in: $0) }
    guard let former else { throw .nothingToWrite }
    return try draft(writing: former, at: address, of: record, isResolution: false)
  }

  /// The value that was written last to any of some addresses, retractions apart.
  private func lastValue(at places: Set<Address>, in database: Database) throws -> Value? {
    var last: Head?
    try forEachChangeset(in: database) { changeset in
      for write in changeset.writes where places.contains(write.address) {
        let head = Head(dot: changeset.dot, lamport: changeset.lamport, value: write.value)
        let isLater = last.map { ($0.lamport, $0.dot) < (head.lamport, head.dot) } ?? true
        if write.value != .retracted, isLater { last = head }
      }
    }
    return last?.value
  }

  private func find(
    _ mrn: String,
    _ event: String?,
    _ reader: String?,
    _ field: String,
    _ vault: Vault
  ) throws(SiteReplicaError) -> (Address, UnitedRecord) {
    let patient = try patient(mrn: mrn, vault: vault)
    let (definition, place) = try locate(field, event: event)
    let who = definition.hasReaders ? reader ?? study.profile.consensus : ""
    let address = Address(
      patient: patient,
      event: place,
      reader: who,
      field: definition.name
    )
    return (address, try read { try unitedRecord(of: patient, in: $0) })
  }

  private func draft(
    writing value: Value,
    at address: Address,
    of record: UnitedRecord,
    isResolution: Bool
  ) throws(SiteReplicaError) -> FormDraft {
    do throws(DeidentificationError) {
      let write = try deidentifier.write(
        event: address.row.event,
        reader: address.row.reader,
        field: address.field,
        value: value
      )
      return FormDraft(
        patient: address.row.patient,
        isNew: false,
        warnings: [],
        identity: [:],
        writes: [write],
        shown: record.targets(write),
        registrations: record.registrations,
        isResolution: isResolution
      )
    } catch {
      throw .notDeidentifiable(reason: error.words)
    }
  }
}

extension UnitedRecord {
  /// The heads of all registrations at an address of `patient`.
  fileprivate func register(at address: Address) -> Register {
    united[address.row]?[address.field] ?? Register()
  }
}

extension Dot {
  /// How people name a head: the first eight digits of its replica, a hyphen, its sequence.
  public var text: String { "\(replica.description.prefix(8))-\(sequence)" }
}
