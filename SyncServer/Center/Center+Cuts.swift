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
  ///   - now: Seconds since 1970; not part of the content.
  /// - Returns: The cut; the one that is there already when rows and plan are the same.
  /// - Throws: `CenterError.noPlan`, or what the store throws.
  public func makeCut(study: Study, now: Int) throws(CenterError) -> DataCut {
    try store.write { store in
      guard let plan = try store.plan() else { throw CenterError.noPlan }
      var rows: [AnalysisRow] = []
      var sites = 0
      for site in try store.sites() {
        let found = try Self.rows(of: site.code, study: study, in: store)
        sites += found.isEmpty ? 0 : 1
        rows += found
      }
      let content = CutContent.encode(rows)
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
        patients: rows.count,
        sites: sites,
        sha256: sha256,
        planSHA256: planSHA256,
        content: content
      )
      try store.insert(cut)
      try store.record(
        AuditEvent(
          "cut_made",
          subject: cut.id,
          details: [
            "patients": String(cut.patients), "sha256": Self.hexadecimal(sha256),
            "sites": String(cut.sites),
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
    let cut = try store.read { store -> DataCut in
      guard let cut = try store.cut(id) else { throw CenterError.unknownCut(id) }
      guard try Self.sha256(cut.content) == Self.presentHash(of: cut, in: store) else {
        throw CenterError.cutDamaged(id)
      }
      return cut
    }
    return try CutContent.decode(cut.content, cut: id)
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
    in store: any CenterReading
  ) throws -> [AnalysisRow] {
    var merged = MergedPatients(linkField: study.profile.roles.link)
    try store.forEachPatient(site: site) { patient, rows in merged.add(patient, rows) }
    return merged.patients.compactMap { member in
      guard !MergedPatients.isWithdrawn(member.rows, field: study.profile.roles.withdrawn),
        MergedPatients.isRecorded(member.rows, linkField: study.profile.roles.link)
      else { return nil }
      return CutRowBuilder.row(patient: member.patient, site: site, rows: member.rows, study: study)
    }
  }
}
