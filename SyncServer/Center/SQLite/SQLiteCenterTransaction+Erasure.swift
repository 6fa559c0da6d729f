// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import RegistryDatabase
import Replication

extension SQLiteCenterTransaction {
  func erasedPatients(site: String) throws -> [PatientID] {
    try tables(site).erasedPatients(in: database)
  }

  func unmarkedPatients(site: String) throws -> Int {
    try tables(site).unmarkedPatients(in: database)
  }

  func redactedBatches(site: String) throws -> Int {
    try tables(site).redactedBatches(in: database)
  }

  func unsettledErasures(site: String) throws -> [PatientID] {
    let erased = try erasedPatients(site: site)
    if erased.isEmpty { return [] }
    let settled = try Data.fetchSet(
      database,
      sql: "SELECT patient FROM erased_patients WHERE site = ?",
      arguments: [site]
    )
    return erased.filter { !settled.contains(Data($0.bytes)) }
  }

  func settleErasure(of patient: PatientID, site: String, now: Int) throws {
    try database.execute(
      sql: "INSERT INTO erased_patients (site, patient, erased_at) VALUES (?, ?, ?)",
      arguments: [site, Data(patient.bytes), now]
    )
  }

  func cutErasures() throws -> [CutErasure] {
    try Row.fetchAll(
      database,
      sql: "SELECT cut, erased_at, rows, sha256 FROM cut_erasures ORDER BY id"
    ).map {
      CutErasure(cut: $0["cut"], erasedAt: $0["erased_at"], rows: $0["rows"], sha256: $0["sha256"])
    }
  }

  func replace(content: Data, with erasure: CutErasure) throws {
    try database.execute(
      sql: "UPDATE data_cuts SET content = ? WHERE id = ?",
      arguments: [content, erasure.cut]
    )
    try database.execute(
      sql: "INSERT INTO cut_erasures (cut, erased_at, rows, sha256) VALUES (?, ?, ?, ?)",
      arguments: [erasure.cut, erasure.erasedAt, erasure.rows, erasure.sha256]
    )
  }
}
