// SPDX-License-Identifier: Apache-2.0

public import Foundation
import Registry
import Replication
import SyncProtocol

/// A frozen cut that lost rows, because patients were erased by law.
public struct CutErasure: Equatable, Sendable {
  /// The cut's name.
  public let cut: String
  /// When, in seconds since 1970.
  public let erasedAt: Int
  /// How many rows it lost then.
  public let rows: Int
  /// SHA-256 of what was left.
  public let sha256: Data

  /// Makes a record of its parts.
  public init(cut: String, erasedAt: Int, rows: Int, sha256: Data) {
    self.cut = cut
    self.erasedAt = erasedAt
    self.rows = rows
    self.sha256 = sha256
  }
}

extension Center {
  /// Takes patients whose mark of erasure has come out of every frozen cut, and says so in the audit.
  ///
  /// A cut keeps the hash that it was frozen with: reports that name it stay true to what they were
  /// made of, and everybody sees that the rows are fewer now.
  static func settleErasures(
    site: String,
    actor: String,
    in store: any CenterWriting,
    now: Int
  ) throws {
    let patients = try store.unsettledErasures(site: site)
    guard !patients.isEmpty else { return }
    let names = Set(patients.map(\.description))
    var cuts: [String] = []
    for summary in try store.cuts() {
      guard let cut = try store.cut(summary.id) else { continue }
      let (content, rows) = try without(names, of: site, in: cut)
      guard rows > 0 else { continue }
      try store.replace(
        content: content,
        with: CutErasure(
          cut: cut.id,
          erasedAt: now,
          rows: rows,
          sha256: sha256(content)
        )
      )
      cuts.append(cut.id)
    }
    for patient in patients { try store.settleErasure(of: patient, site: site, now: now) }
    try store.set(Setting.erasureDue, to: Data("1".utf8))
    try store.record(
      AuditEvent(
        "patients_erased",
        actor: actor,
        subject: site,
        details: [
          "registrations": String(patients.count), "cuts": cuts.joined(separator: ","),
          "redacted_batches": String(try store.redactedBatches(site: site)),
        ]
      ),
      now: now
    )
  }

  /// A cut's content without the lines of some patients, and how many those were.
  ///
  /// The other lines stay byte for byte, whatever version wrote them.
  private static func without(
    _ patients: Set<String>,
    of site: String,
    in cut: DataCut
  ) throws -> (content: Data, rows: Int) {
    var content = Data()
    var rows = 0
    for line in cut.content.split(separator: 0x0A) {
      let row = try CutContent.decode(line + [0x0A], cut: cut.id).first
      if row?.site == site, let patient = row?.patient, patients.contains(patient) {
        rows += 1
      } else {
        content += line + [0x0A]
      }
    }
    return (content, rows)
  }

  /// Writes the files anew after an erasure, so that no erased byte is left in them.
  ///
  /// - Returns: Whether nothing is left to do; files in use are tried again later.
  /// - Throws: What the store throws.
  @discardableResult
  public func finishErasures() throws(CenterError) -> Bool {
    guard try isErasureDue() else { return true }
    do throws(CenterError) {
      try store.compact()
    } catch { return false }
    try store.write { try $0.set(Setting.erasureDue, to: Data()) }
    return true
  }

  /// Whether erased bytes may still lie in the files.
  public func isErasureDue() throws(CenterError) -> Bool {
    try store.read { try $0.setting(Setting.erasureDue)?.isEmpty == false }
  }

  /// What frozen cuts lost, oldest first.
  public func cutErasures() throws(CenterError) -> [CutErasure] {
    try store.read { try $0.cutErasures() }
  }

  /// By site, how many registrations were erased, and of how many others something lacks without a
  /// mark of erasure; sites with neither are left out.
  public func erasures() throws(CenterError) -> [String: (erased: Int, unmarked: Int)] {
    try store.read { store in
      var found: [String: (erased: Int, unmarked: Int)] = [:]
      for site in try store.sites().map(\.code) {
        let counts = (
          erased: try store.erasedPatients(site: site).count,
          unmarked: try store.unmarkedPatients(site: site)
        )
        if counts.erased + counts.unmarked > 0 { found[site] = counts }
      }
      return found
    }
  }

  /// What a cut's content must hash to: what it was frozen with, or what the last erasure left.
  static func presentHash(of cut: DataCut, in store: any CenterReading) throws -> Data {
    try store.cutErasures().last { $0.cut == cut.id }?.sha256 ?? cut.sha256
  }
}

extension Setting {
  /// Erased bytes may still lie in the files.
  static let erasureDue = "erasure_due"
}
