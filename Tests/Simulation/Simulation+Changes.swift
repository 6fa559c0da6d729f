// SPDX-License-Identifier: Apache-2.0

import Deidentification
import Foundation
import Registry
import RegistryDatabase
import Replication
import SiteReplica
import Synchronization
import TestSupport

/// What a person does at a device.
enum PersonalAction: CaseIterable {
  case edit, resolve, retract, unretract, merge, unmerge, withdraw, restoreConsent, correctStart

  /// Mostly edits, else one of the rest.
  static func random(using generator: inout SeededGenerator) -> PersonalAction {
    if Int.random(in: 0..<100, using: &generator) < 60 { return .edit }
    return allCases[Int.random(in: 1..<allCases.count, using: &generator)]
  }

  var landmark: Landmark? {
    switch self {
    case .edit: nil
    case .resolve: .resolved
    case .retract: .retracted
    case .unretract: .unretracted
    case .merge: .merged
    case .unmerge: .unmerged
    case .withdraw: .consentWithdrawn
    case .restoreConsent: .consentRestored
    case .correctStart: .startCorrected
    }
  }
}

extension Simulation {
  static let recordNumbers = ["A1", "A2", "A3"]
  private static let counts = ["lymphocytes", "monocytes", "neutrophils"]
  private static let dates = ["labs_date", "treatment_end"]
  private static let starts = ["2024-01-10", "2024-01-11", "2024-01-12"]

  /// Registers the patients; the vault is shared by all devices.
  func register() throws {
    for number in Self.recordNumbers {
      try acknowledge(devices[0], "registers \(number)") { device in
        let fields = [("birth_date", "1960-05-06"), ("treatment_start", Self.starts[0])]
        try form(device, number, fields)
      }
    }
  }

  /// One action of a person, acknowledged.
  func change(_ device: SimulatedDevice) throws {
    let action = PersonalAction.random(using: &generator)
    let made = try acknowledge(device, "\(action)") { try perform(action, $0) }
    if !made.isEmpty, let landmark = action.landmark { reach(landmark) }
    if action == .unretract, let change = made.first { try checkUnretraction(change, device) }
  }

  /// Runs something that saves, and takes what is new on the device for acknowledged.
  @discardableResult
  func acknowledge(
    _ device: SimulatedDevice,
    _ event: String,
    _ body: (SimulatedDevice) throws -> Void
  ) throws -> [KnownChange] {
    let before = try device.changes(reader).tokens
    guard try isPossible({ try body(device) }) else {
      let after = try device.changes(reader).tokens
      try require(after == before, device.name, "what was refused left something")
      note("\(device.name) cannot: \(event)")
      return []
    }
    let made = try device.changes(reader).filter { !before.contains($0.token) }
    for change in made { acknowledge(change, device, known: before) }
    note("\(device.name) \(event): \(made.map(\.token))")
    return made
  }

  func acknowledge(_ change: KnownChange, _ device: SimulatedDevice, known: Set<Int>) {
    // What is saved on a revoked device stays there.
    if device.isRevoked, ledger.saves[change.token] == nil { ledger.excuse([change.token]) }
    ledger.acknowledge(
      change.token,
      Ledger.Save(
        site: device.site,
        addresses: change.changeset.writes.map(\.address),
        known: known
      )
    )
  }

  /// Whether an action could be done; a program that refuses a person is right in these cases.
  func isPossible(_ body: () throws -> Void) throws -> Bool {
    do {
      try body()
      return true
    } catch let error as SiteReplicaError {
      switch error {
      // The vault is shared by all devices: it has a correction before the other devices' rows do.
      case .nothingToWrite, .inConflict, .notInConflict, .notRetracted, .startsDiffer, .notMerged,
        .entryRefused, .startCorrectedElsewhere, .patientErased:
        return false
      default: throw error
      }
    }
  }

  func perform(_ action: PersonalAction, _ device: SimulatedDevice) throws {
    let (store, actor) = (device.store, actor(device))
    let pair = Self.recordNumbers.shuffled(using: &generator)
    let number = pair[0]
    switch action {
    case .edit: try edit(device)
    case .resolve:
      let place = try place(device) { $0.hasConflict }
      try resolve(device, place.number, place.field, place.event, text: nil)
    case .retract:
      let place = try place(device) { !$0.heads.isEmpty && $0.value != .retracted }
      let draft = try store.draftRetraction(
        mrn: place.number,
        event: place.event,
        reader: nil,
        field: place.field,
        vault: vault
      )
      try store.save(draft, reason: .retraction, vault: vault, actor: actor, using: &generator)
    case .unretract:
      let place = try place(device) { $0.value == .retracted }
      let draft = try store.draftUnretraction(
        mrn: place.number,
        event: place.event,
        reader: nil,
        field: place.field,
        vault: vault
      )
      try store.save(draft, reason: .unretraction, vault: vault, actor: actor, using: &generator)
    case .merge:
      _ = try store.merge(number, pair[1], vault: vault, actor: actor)
    case .unmerge:
      _ = try store.unmerge(number, pair[1], vault: vault, actor: actor)
    case .withdraw: try form(device, number, [("consent_withdrawn", "1")], .consentWithdrawn)
    case .restoreConsent: try form(device, number, [("consent_withdrawn", "0")], .consentRestored)
    case .correctStart: try form(device, number, [("treatment_start", draw(Self.starts))])
    }
  }

  /// A place of a count that looks so; none is nothing to do.
  private func place(
    _ device: SimulatedDevice,
    where fits: (Register) -> Bool
  ) throws -> (number: String, event: String, field: String) {
    let rows = try device.rows()
    var places: [(number: String, event: String, field: String)] = []
    for number in Self.recordNumbers {
      guard let patient = try vault.patients(mrn: number).first else { continue }
      for field in Self.counts {
        let row = RowAddress(patient: patient, event: "baseline", reader: "")
        if fits(rows[row]?[field] ?? Register()) { places.append((number, "baseline", field)) }
      }
    }
    guard !places.isEmpty else { throw SiteReplicaError.nothingToWrite }
    return draw(places)
  }

  /// Fills in some fields; a conflict among them is decided instead.
  func edit(_ device: SimulatedDevice) throws {
    let number = draw(Self.recordNumbers)
    let fields = drawFields(device)
    do {
      try form(device, number, fields)
    } catch SiteReplicaError.inConflict(let field, let event) {
      try resolve(device, number, field, event, text: fields.first { $0.0 == field }?.1)
      reach(.resolved)
    }
  }

  private func resolve(
    _ device: SimulatedDevice,
    _ number: String,
    _ field: String,
    _ event: String,
    text: String?
  ) throws {
    let store = device.store
    let place = event.isEmpty ? nil : event
    if let text, Bool.random(using: &generator) {
      let draft = try store.draft(
        mrn: number,
        event: place,
        assignments: [Assignment(field: field, text: text)],
        resolves: true,
        vault: vault,
        using: &generator
      )
      try store.save(draft, vault: vault, actor: actor(device), using: &generator)
      return
    }
    guard let patient = try vault.patients(mrn: number).first else { return }
    let row = RowAddress(patient: patient, event: event, reader: "")
    let heads = try device.rows()[row]?[field]?.heads ?? []
    guard !heads.isEmpty else { throw SiteReplicaError.nothingToWrite }
    let draft = try store.draftResolution(
      mrn: number,
      event: place,
      reader: nil,
      field: field,
      head: draw(heads).dot.text,
      vault: vault
    )
    try store.save(draft, vault: vault, actor: actor(device), using: &generator)
  }

  private func form(
    _ device: SimulatedDevice,
    _ number: String,
    _ fields: [(String, String)],
    _ reason: ChangeReason? = nil
  ) throws {
    let draft = try draft(device, number, fields)
    try device.store.save(
      draft,
      reason: reason,
      vault: vault,
      actor: actor(device),
      using: &generator
    )
  }

  func draft(
    _ device: SimulatedDevice,
    _ number: String,
    _ fields: [(String, String)]
  ) throws -> FormDraft {
    try device.store.draft(
      mrn: number,
      assignments: fields.map { Assignment(field: $0.0, text: $0.1) },
      vault: vault,
      using: &generator
    )
  }

  /// Some fields with values that are hardly ever drawn twice.
  func drawFields(_ device: SimulatedDevice) -> [(String, String)] {
    var names = Self.counts + Self.dates
    if device.study.dictionary.field(Studies.newField, event: "baseline") != nil {
      names.append(Studies.newField)
    }
    let count = Int.random(in: 1...3, using: &generator)
    return names.shuffled(using: &generator).prefix(count).map { name in
      let day = Int.random(in: 1...9, using: &generator)
      switch name {
      case "labs_date": return (name, "2024-01-0\(day)")
      case "treatment_end": return (name, "2024-06-0\(day)")
      default: return (name, "\(Double(Int.random(in: 200...9999, using: &generator)) / 1000)")
      }
    }
  }

  func draw<T>(_ choices: [T]) -> T {
    choices[Int.random(in: 0..<choices.count, using: &generator)]
  }

  func actor(_ device: SimulatedDevice) -> Actor {
    Actor(who: device.name, now: now + device.clockSkew)
  }

  /// What stands again is what was written last before the retraction.
  private func checkUnretraction(_ made: KnownChange, _ device: SimulatedDevice) throws {
    let places = Set(made.changeset.writes.map(\.address))
    var last: (lamport: UInt64, dot: Dot, value: Value)?
    for change in try device.changes(reader) where change.token != made.token {
      let changeset = change.changeset
      for write in changeset.writes where places.contains(write.address) {
        guard write.value != .retracted else { continue }
        if let last, (last.lamport, last.dot) > (changeset.lamport, changeset.dot) { continue }
        last = (changeset.lamport, changeset.dot, write.value)
      }
    }
    try require(
      made.changeset.writes.allSatisfy { $0.value == last?.value },
      device.name,
      "another value stands than was retracted"
    )
  }
}
