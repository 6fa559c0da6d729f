// SPDX-License-Identifier: Apache-2.0
import Biostatistics
import Registry
import Replication

/// How images were acquired, or any other column of the plan's `acquisition`, site by site.
public struct ColumnBySite: Codable, Hashable, Sendable {
  /// The column.
  public var column: String
  /// Every site with patients who have not withdrawn, in order.
  public var sites: [Site]

  /// The values of one site.
  public struct Site: Codable, Hashable, Sendable {
    /// The site's code.
    public var site: String
    /// Patients with a value.
    public var n: Int
    /// Patients without.
    public var missing: Int
    /// Patients by value, for codes and for numbers of few values; else empty.
    public var counts: [String: Int]
    /// The median of numbers.
    public var median: Double?
    /// The lower quartile.
    public var low: Double?
    /// The upper quartile.
    public var high: Double?
  }
}

extension ColumnBySite {
  /// Numbers with more values than this in all sites are shown by quartiles alone.
  private static let valueLimit = 12

  /// The plan's columns; those that no patient has are left out.
  static func all(_ rows: PooledRows, _ plan: AnalysisPlan) -> [ColumnBySite] {
    let present = rows.rows.filter { $0.number(plan.withdrawn) != 1 }
    let bySite = Dictionary(grouping: present, by: \.site)
    return plan.acquisition.compactMap { column in
      let texts = Set(present.compactMap { $0.text(column) })
      guard !texts.isEmpty else { return nil }
      let sites = bySite.keys.sorted().map { name in
        site(name, bySite[name] ?? [], column, isCounted: texts.count <= valueLimit)
      }
      return ColumnBySite(column: column, sites: sites)
    }
  }

  private static func site(
    _ name: String,
    _ rows: [AnalysisRow],
    _ column: String,
    isCounted: Bool
  ) -> Site {
    let texts = rows.compactMap { $0.text(column) }
    let numbers = rows.compactMap { $0.number(column) }
    var counts: [String: Int] = [:]
    if isCounted { for text in texts { counts[text, default: 0] += 1 } }
    return Site(
      site: name,
      n: texts.count,
      missing: rows.count - texts.count,
      counts: counts,
      median: try? Quantile.type7(numbers, 0.5),
      low: try? Quantile.type7(numbers, 0.25),
      high: try? Quantile.type7(numbers, 0.75)
    )
  }
}

extension AnalysisRow {
  /// A value as people write it; nil where it is not known.
  func text(_ column: String) -> String? {
    switch values[column] {
    case .code(let code): code
    case .boolean(let flag): flag ? "yes" : "no"
    case .integer, .decimal, .day: number(column).map { NumberText.limit($0) }
    default: nil
    }
  }
}
