// SPDX-License-Identifier: Apache-2.0

import Deidentification
import GRDB
import Registry
import RegistryDatabase
import Replication

/// The rows of all registrations of one patient, and the same as one record.
struct UnitedRecord {
  /// The registration that was asked for.
  let patient: PatientID
  /// All registrations by rising id; the first one names the patient.
  let registrations: [PatientID]
  /// The rows at the registrations' own addresses, links among them.
  let rows: [RowAddress: RowHeads]
  /// The rows of all registrations at the addresses of `patient`, without the links.
  let united: [RowAddress: RowHeads]

  /// The patient's name: the smallest id of the registrations.
  var name: PatientID { registrations.first ?? patient }

  /// Where a value is written, by rising address: every registration that has heads there, or
  /// `patient` alone.
  func targets(event: String, reader: String, field: String) -> [WriteTarget] {
    var targets: [WriteTarget] = []
    for registration in registrations {
      let row = RowAddress(patient: registration, event: event, reader: reader)
      guard let heads = rows[row]?[field]?.heads, !heads.isEmpty else { continue }
      targets.append(WriteTarget(address: Address(row: row, field: field), heads: heads.map(\.dot)))
    }
    if targets.isEmpty {
      let row = RowAddress(patient: patient, event: event, reader: reader)
      targets.append(WriteTarget(address: Address(row: row, field: field), heads: []))
    }
    return targets
  }

  /// Where a write goes.
  func targets(_ write: DeidentifiedWrite) -> [WriteTarget] {
    targets(event: write.event, reader: write.reader, field: write.field)
  }
}

extension SiteStore {
  /// Which registrations are one patient.
  func links(in database: Database) throws -> PatientLinks {
    var links = PatientLinks()
    for (patient, register) in try linkRegisters(in: database) { links.add(patient, register) }
    return links
  }

  /// The link of each registration that ever had one.
  func linkRegisters(in database: Database) throws -> [PatientID: Register] {
    try tables.registers(of: study.profile.roles.link, in: database)
  }

  /// The record of one patient with all registrations.
  func unitedRecord(of patient: PatientID, in database: Database) throws -> UnitedRecord {
    try unitedRecord(of: patient, try links(in: database), in: database)
  }

  /// The record of one patient with all registrations, where the links are known.
  func unitedRecord(
    of patient: PatientID,
    _ links: PatientLinks,
    in database: Database
  ) throws -> UnitedRecord {
    let registrations = links.members(of: patient)
    var rows: [RowAddress: RowHeads] = [:]
    for registration in registrations {
      rows.merge(try tables.rows(of: registration, in: database)) { first, _ in first }
    }
    return UnitedRecord(
      patient: patient,
      registrations: registrations,
      rows: rows,
      united: MergedPatients.united(rows, as: patient, linkField: study.profile.roles.link)
    )
  }

  /// Every field in conflict, between the heads of one address or of one patient's registrations.
  func conflictRegisters(in database: Database) throws -> [(Address, Register)] {
    let links = try links(in: database)
    let linkField = study.profile.roles.link
    var found: [(Address, Register)] = []
    let revision = study.profile.roles.startRevision
    for (address, register) in try tables.conflicts(in: database)
    where address.field != revision
      && (address.field == linkField || links.members(of: address.row.patient).count == 1)
    {
      found.append((address, register))
    }
    for name in links.names {
      let record = try unitedRecord(of: name, links, in: database)
      for (row, heads) in record.united {
        for (field, register) in heads where register.hasConflict && field != revision {
          found.append((Address(row: row, field: field), register))
        }
      }
    }
    return found.sorted { $0.0 < $1.0 }
  }
}
