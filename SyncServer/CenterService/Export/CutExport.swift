// SPDX-License-Identifier: Apache-2.0

public import Center
import Crypto
public import Foundation
public import PooledAnalysis
public import Registry

/// Files of a data cut, as they leave the centre.
public struct CutExport: Sendable {
  /// Each file's name and bytes.
  public let files: [(name: String, bytes: Data)]
  /// Patients in the rows or tables.
  public let patients: Int
  /// Tables that were not made, with the reason; empty for rows.
  public let withheld: [String: WithheldTable]

  /// To whom exact rows are given.
  public struct Recipient: Equatable, Sendable {
    /// The statistician's name.
    public let name: String
    /// Why exact rows are needed.
    public let reason: String

    /// Names a recipient.
    public init(name: String, reason: String) {
      self.name = name
      self.reason = reason
    }
  }
}

extension CutExport {
  /// Makes the rows of a cut with codebook and R script, and notes the export in the audit log.
  ///
  /// - Parameters:
  ///   - cut: The cut.
  ///   - center: The centre.
  ///   - study: The study.
  ///   - recipient: Who gets exact rows, and why; nil for coarsened ones.
  ///   - now: Seconds since 1970.
  /// - Returns: The files; the export is on record when this returns.
  /// - Throws: `CenterServiceError.center` or `.planUnsigned`.
  public static func rows(
    of cut: String,
    center: Center,
    study: Study,
    exactFor recipient: Recipient?,
    now: Int
  ) throws(CenterServiceError) -> CutExport {
    let (frozen, rows, plan) = try content(of: cut, center: center)
    let table = RowExport(rows: rows, study: study, plan: plan, isExact: recipient != nil)
      .table(cutSHA256: frozen.sha256)
    let texts = ExportTexts(
      cut: cut,
      cutSHA256: Center.hexadecimal(frozen.sha256),
      planSHA256: Center.hexadecimal(frozen.planSHA256),
      dictionary: study.dictionary.version,
      isExact: recipient != nil
    )
    let files = [
      (name: "patients.csv", bytes: Data(table.csv.utf8)),
      (name: "codebook.csv", bytes: Data(table.codebook.utf8)),
      (name: "CODEBOOK.md", bytes: Data(texts.rules.utf8)),
      (name: "load.R", bytes: Data(texts.script(patients: table.rows.count).utf8)),
    ]
    try note(files, of: cut, form: recipient == nil ? "coarse" : "exact", recipient, center, now)
    return CutExport(files: files, patients: rows.count, withheld: [:])
  }

  /// Makes the tables of a cut with small cells hidden, and keeps them to hold later ones against.
  ///
  /// The same cut gives the same tables. Those of another cut hide what the difference would show.
  ///
  /// - Throws: `CenterServiceError.center` or `.planUnsigned`.
  public static func tables(
    of cut: String,
    center: Center,
    study: Study,
    now: Int
  ) throws(CenterServiceError) -> CutExport {
    let (frozen, rows, plan) = try content(of: cut, center: center)
    var safe: [SafeTable] = []
    var withheld: [String: WithheldTable] = [:]
    let earlier = try publications(center)
    if let known = earlier.first(where: { $0.cut == cut }) {
      safe = known.tables
    } else {
      for table in CountTables.make(rows, study: study, plan: plan) {
        do throws(WithheldTable) {
          safe.append(try SafeTable.protect(table, after: earlier.flatMap(\.tables)))
        } catch { withheld[table.name] = error }
      }
      try keep(safe, of: cut, center, now)
    }
    let files =
      safe.map { (name: "\($0.name).csv", bytes: Data($0.csv.utf8)) } + [
        (name: "README.md", bytes: Data(readme(frozen).utf8))
      ]
    try note(files, of: cut, form: "tables", nil, center, now)
    return CutExport(files: files, patients: rows.count, withheld: withheld)
  }

  private static func readme(_ cut: DataCut) -> String {
    """
    # Tables of data cut \(cut.id)

    SHA-256 `\(Center.hexadecimal(cut.sha256))`, analysis plan
    `\(Center.hexadecimal(cut.planSHA256))`.

    Counts of patients by outcome. Categories with fewer than \(SafeTable.least) patients are joined.
    Counts below \(SafeTable.least) are `hidden`, zeros too, and so are others from which they would
    follow: what is shown leaves every hidden cell at least \(SafeTable.least) possible counts. A
    table that cannot be made safe, alone or beside earlier ones, is not here.

    """
  }

  private static func content(
    of cut: String,
    center: Center
  ) throws(CenterServiceError) -> (DataCut, [AnalysisRow], AnalysisPlan) {
    let found: (cut: DataCut, rows: [AnalysisRow], plan: Data)
    do throws(CenterError) {
      found = (try center.cut(cut), try center.rows(of: cut), try center.plan(of: cut))
    } catch { throw .center(error) }
    let plan = try CenterAnalysis.plan(try SignedPlan.open(found.plan, center: center))
    return (found.cut, found.rows, plan)
  }

  private static func publications(
    _ center: Center
  ) throws(CenterServiceError) -> [(cut: String, tables: [SafeTable])] {
    let kept: [TablePublication]
    do throws(CenterError) { kept = try center.publications() } catch { throw .center(error) }
    var result: [(cut: String, tables: [SafeTable])] = []
    for publication in kept {
      guard let tables = try? JSONDecoder().decode([SafeTable].self, from: publication.content)
      else { throw .center(.storage("a publication of tables cannot be read")) }
      result.append((publication.cut, tables))
    }
    return result
  }

  private static func keep(
    _ tables: [SafeTable],
    of cut: String,
    _ center: Center,
    _ now: Int
  ) throws(CenterServiceError) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    guard let content = try? encoder.encode(tables) else {
      throw .center(.storage("tables have no JSON form"))
    }
    do throws(CenterError) {
      try center.keep(TablePublication(cut: cut, publishedAt: now, content: content))
    } catch { throw .center(error) }
  }

  private static func note(
    _ files: [(name: String, bytes: Data)],
    of cut: String,
    form: String,
    _ recipient: Recipient?,
    _ center: Center,
    _ now: Int
  ) throws(CenterServiceError) {
    var hasher = SHA256()
    for file in files { hasher.update(data: file.bytes) }
    var details = ["files_sha256": Center.hexadecimal(hasher.finalize()), "form": form]
    details["recipient"] = recipient?.name
    details["reason"] = recipient?.reason
    do throws(CenterError) {
      try center.noteExport(of: cut, details: details, now: now)
    } catch { throw .center(error) }
  }
}
