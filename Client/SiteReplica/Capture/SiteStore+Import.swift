// SPDX-License-Identifier: Apache-2.0

import Deidentification
public import Foundation
import GRDB
import Registry
import Replication

extension SiteStore {
  /// Imports a file: one transaction of one changeset a row, all of it or nothing.
  ///
  /// A value that differs from the present one is a problem unless the file may update; a conflict
  /// is never overwritten. A blank is not given, and deletes nothing. Importing a file a second
  /// time changes nothing.
  ///
  /// - Parameters:
  ///   - bytes: The file.
  ///   - options: What may be written.
  ///   - vault: Where identities are kept and found.
  ///   - actor: Who imports, and when, for the audit trail.
  ///   - generator: Draws patient ids and nonces; a cryptographic one outside tests.
  /// - Returns: What was done and every problem found. A refused file is a report, not an error.
  /// - Throws: `SiteReplicaError` when store or vault cannot be used; nothing is changed then.
  public func importFile(
    _ bytes: Data,
    options: ImportOptions,
    vault: Vault,
    actor: Actor,
    using generator: inout some RandomNumberGenerator
  ) throws(SiteReplicaError) -> ImportReport {
    let file = ImportFile.read(Array(bytes), study: study)
    let isStopped = file.problems.contains { !$0.isWarning } && !options.skipsRefused
    if options.isDryRun || isStopped {
      return try read { database in
        try plan(file, options, vault, database, using: &generator).report
      }
    }
    let report = try write { database in
      let (report, steps) = try plan(file, options, vault, database, using: &generator)
      if !report.isFileRefused, !steps.isEmpty {
        try commit(steps, options, vault, actor, database, using: &generator)
      }
      return report
    }
    try settleCorrections(in: vault)
    return report
  }

  private func plan(
    _ file: ImportFile,
    _ options: ImportOptions,
    _ vault: Vault,
    _ database: Database,
    using generator: inout some RandomNumberGenerator
  ) throws -> (report: ImportReport, steps: [ImportStep]) {
    var planner = try ImportPlanner(
      self,
      vault: vault,
      in: database,
      options: options,
      found: file.problems,
      generator: generator
    )
    let good = file.rows.filter { !file.refusedRows.contains($0.row) }
    let steps = try planner.steps(for: good)
    generator = planner.generator
    let rows = Set(file.rows.map(\.row)).union(file.refusedRows)
    let accepted = Set(steps.map(\.row))
    var report = ImportReport()
    report.problems = (file.problems + planner.problems).sorted { left, right in
      left.row != right.row ? left.row < right.row : left.column < right.column
    }
    let hasHard = report.problems.contains { !$0.isWarning }
    // A fault of the header or the whole file leaves no row that could be trusted.
    let isWhole = report.problems.contains { !$0.isWarning && $0.row == 0 }
    report.isFileRefused = isWhole || (hasHard && !options.skipsRefused)
    report.accepted = report.isFileRefused ? 0 : accepted.count
    report.refused = rows.count - report.accepted
    if !report.isFileRefused {
      report.changesets = steps.count { !$0.writes.isEmpty }
      report.newPatients = Set(steps.filter(\.isNew).map(\.patient)).count
    }
    return (report, steps.filter(\.changesSomething))
  }

  /// Vault first: an identity without values is harmless, and the next import finds it again.
  private func commit(
    _ steps: [ImportStep],
    _ options: ImportOptions,
    _ vault: Vault,
    _ actor: Actor,
    _ database: Database,
    using generator: inout some RandomNumberGenerator
  ) throws {
    func identities(_ steps: [ImportStep]) -> [Identity] {
      steps.filter { !$0.identity.isEmpty }.map { step in
        Identity(patient: step.patient, fields: step.identity, roles: vault.roles)
      }
    }
    try saveIdentities(
      new: identities(steps.filter(\.isNew)),
      changed: identities(steps.filter { !$0.isNew }),
      in: vault,
      database,
      using: &generator
    )
    var author = try ChangesetAuthor(self, in: database)
    for step in steps {
      let corrects = options.updates && !step.isNew
      if !step.identity.isEmpty {
        try author.noteIdentity(step.patient, step.identity.keys.sorted(), by: actor)
      }
      guard !step.writes.isEmpty else { continue }
      let reason: ChangeReason = corrects ? .importUpdate : .import
      try author.save(
        step.former,
        step.writes,
        reason: reason,
        action: .import,
        by: actor
      )
    }
    try author.finish()
  }
}

extension ChangesetAuthor {
  /// Notes in the audit trail that identity fields were written; their values stay in the vault.
  mutating func noteIdentity(
    _ patient: PatientID,
    _ fields: [String],
    by actor: Actor
  ) throws {
    let changes = fields.map {
      AuditChange(event: "", reader: "", field: $0, old: "", new: "(in the vault)")
    }
    try trail.append(
      .identity,
      by: actor,
      patient: patient,
      dot: nil,
      details: AuditDetails(reason: "identity", changes: changes)
    )
  }
}
