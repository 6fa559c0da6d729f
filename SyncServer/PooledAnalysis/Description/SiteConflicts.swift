// SPDX-License-Identifier: Apache-2.0
import Registry

/// How many patients of a site have values in conflict, now or ever; withdrawn ones are not counted.
public struct SiteConflicts: Codable, Hashable, Sendable {
  /// The site's code.
  public var site: String
  /// Patients who have not withdrawn.
  public var patients: Int
  /// Of these, with an unresolved conflict.
  public var unresolved: Int
  /// Of these, with a value that was ever in conflict, resolved or not.
  public var everInConflict: Int
  /// Values ever in conflict, of all these patients.
  public var values: Int

  private enum CodingKeys: String, CodingKey {
    case site, patients, unresolved, values
    case everInConflict = "ever_in_conflict"
  }
}

extension SiteConflicts {
  /// Every site in order; nil where no row has a history, as in a file or an old cut.
  static func all(_ rows: PooledRows, _ plan: AnalysisPlan) -> [SiteConflicts]? {
    guard rows.rows.contains(where: { $0.everInConflict != nil }) else { return nil }
    let present = rows.rows.filter { $0.number(plan.withdrawn) != 1 }
    return Dictionary(grouping: present, by: \.site).sorted { $0.key < $1.key }.map { site, own in
      SiteConflicts(
        site: site,
        patients: own.count,
        unresolved: own.count(where: \.hasConflict),
        everInConflict: own.count(where: \.wasInConflict),
        values: own.reduce(0) { $0 + ($1.everInConflict?.count ?? 0) }
      )
    }
  }
}

extension AnalysisRow {
  /// Whether a value of the row was ever in conflict, as far as that is known.
  var wasInConflict: Bool { everInConflict?.isEmpty == false }
}
