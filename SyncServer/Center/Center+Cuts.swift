// SPDX-License-Identifier: Apache-2.0

import Foundation
public import Registry
import Replication

extension Center {
  /// Freezes the rows of all patients that have not withdrawn.
  ///
  /// Rows are ordered by site and patient and written as canonical JSON, so that the same records
  /// give the same bytes and hash wherever and whenever they are cut. What a site sent before it
  /// was revoked is in it.
  ///
  /// - Parameters:
  ///   - study: The study whose dictionary names the columns.
  ///   - program: The version of the program, kept with the cut's origin.
  ///   - now: Seconds since 1970; not part of the content.
  /// - Returns: The cut; the one that is there already when rows and plan are the same.
  /// - Throws: `CenterError.noPlan`, or what the store throws.
  public func makeCut(
    study: Study,
    program: String = "",
    now: Int
  ) throws(CenterError) -> DataCut {
    try store.write { store in
      guard let plan = try store.plan() else { throw CenterError.noPlan }
      let (content, rows, sites) = try Self.frozen(study: study, in: store)
      let (sha256, planSHA256) = (Self.sha256(content), Self.sha256(plan))
      let earlier = try store.cuts()
      if let known = earlier.first(where: { $0.sha256 == sha256 && $0.planSHA256 == planSHA256 }),
        let cut = try store.cut(known.id), cut.content == content
      {
        return cut
      }
      let cut = DataCut(
        id: String(earlier.count + 1),
        madeAt: now,
        patients: rows,
        sites: sites,
        sha256: sha256,
        planSHA256: planSHA256,
        content: content
      )
      try store.insert(cut)
      let origin = try CutOrigin(study: study, program: program, of: store)
      try store.insertOrigin(.cut, cut.id, origin.encoded())
      try store.record(
        AuditEvent(
          "cut_made",
          subject: cut.id,
          details: [
            "patients": String(cut.patients), "sha256": Self.hexadecimal(sha256),
            "plan_sha256": Self.hexadecimal(planSHA256), "sites": String(cut.sites),
          ]
        ),
        now: now
      )
      return cut
    }
  }

  /// The rows of a cut, after checking that they still have the hash they were frozen with.
  ///
  /// - Throws: `CenterError.unknownCut` or `.cutDamaged`.
  public func rows(of id: String) throws(CenterError) -> [AnalysisRow] {
    try CutContent.decode(try cut(id).content, cut: id)
  }

  /// All cuts without their rows, oldest first.
  public func cuts() throws(CenterError) -> [DataCutSummary] {
    try store.read { try $0.cuts() }
  }

  /// A cut, after checking its rows against the hash they were frozen with, or have since an erasure.
  ///
  /// - Throws: `CenterError.unknownCut` or `.cutDamaged`.
  public func cut(_ id: String) throws(CenterError) -> DataCut {
    try store.read { store in
      guard let cut = try store.cut(id) else { throw CenterError.unknownCut(id) }
      guard try Self.sha256(cut.content) == Self.presentHash(of: cut, in: store) else {
        throw CenterError.cutDamaged(id)
      }
      return cut
    }
  }

  /// The bytes of the rows that a store holds now, how many they are, and of how many sites.
  ///
  /// Cuts of earlier programs have no history of conflicts; they are made again without one.
  static func frozen(
    study: Study,
    withHistory: Bool = true,
    in store: any CenterReading
  ) throws -> (content: Data, rows: Int, sites: Int) {
    var rows: [AnalysisRow] = []
    var sites = 0
    for site in try store.sites() {
      let found = try Self.rows(of: site.code, study: study, withHistory: withHistory, in: store)
      sites += found.isEmpty ? 0 : 1
      rows += found
    }
    return (CutContent.encode(rows), rows.count, sites)
  }

  /// The hashes of a cut.
  ///
  /// - Throws: `CenterError.unknownCut`.
  public func cutSummary(of id: String) throws(CenterError) -> DataCutSummary {
    try store.read { store in
      guard let own = try store.cuts().first(where: { $0.id == id }) else {
        throw CenterError.unknownCut(id)
      }
      return own
    }
  }

  private static func rows(
    of site: String,
    study: Study,
    withHistory: Bool,
    in store: any CenterReading
  ) throws -> [AnalysisRow] {
    let roles = study.profile.roles
    var merged = MergedPatients(linkField: roles.link)
    try store.forEachPatient(site: site) { patient, rows in merged.add(patient, rows) }
    let members = merged.patients
    let history =
      withHistory ? try conflictHistory(of: members, site: site, study, in: store) : nil
    return members.compactMap { member in
      guard !MergedPatients.isWithdrawn(member.rows, field: roles.withdrawn),
        MergedPatients.isRecorded(member.rows, linkField: roles.link)
      else { return nil }
      return CutRowBuilder.row(
        patient: member.patient,
        site: site,
        rows: member.rows,
        study: study,
        history: history.map { $0[member.patient] ?? [] }
      )
    }
  }

  /// By patient, the addresses of all registrations that were ever in conflict.
  private static func conflictHistory(
    of members: [MergedPatients.Member],
    site: String,
    _ study: Study,
    in store: any CenterReading
  ) throws -> [PatientID: [Address]] {
    var names: [PatientID: PatientID] = [:]
    for member in members {
      for registration in member.registrations where registration != member.patient {
        names[registration] = member.patient
      }
    }
    let addresses = try store.everInConflict(
      site: site,
      uniting: names,
      exceptFor: study.profile.roles.link
    )
    return Dictionary(grouping: addresses) { names[$0.row.patient] ?? $0.row.patient }
  }
}
