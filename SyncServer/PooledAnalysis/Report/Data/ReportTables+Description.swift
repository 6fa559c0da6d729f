// SPDX-License-Identifier: Apache-2.0

/// Tables of who and how was measured.
extension ReportTables {
  static func description(_ report: ValidationReport) -> [ReportTable] {
    [missingness(report), absence(report), acquisition(report), conflicts(report)]
      + readers(report)
  }

  private static func missingness(_ report: ValidationReport) -> ReportTable {
    var table = ReportTable("missingness", ["column", "by", "level", "n", "missing"])
    for own in report.missingness {
      table.add([own.column, "all", "", own.n, own.missing])
      for level in own.bySite {
        table.add([own.column, "site", level.level, level.n, level.missing])
      }
      for level in own.byOutcome {
        table.add([own.column, "outcome", level.level, level.n, level.missing])
      }
    }
    return table
  }

  private static func absence(_ report: ValidationReport) -> ReportTable {
    var table = ReportTable(
      "missing_reasons",
      ["column", "missing", "died", "progressed", "ended", "followed", "unknown"]
    )
    for own in report.landmarkAbsence?.columns ?? [] {
      table.add([
        own.column, own.missing, own.died, own.progressed, own.ended, own.followed, own.unknown,
      ])
    }
    return table
  }

  private static func acquisition(_ report: ValidationReport) -> ReportTable {
    var table = ReportTable("acquisition", ["column", "site", "value", "patients"])
    for column in report.acquisition {
      for site in column.sites {
        for (value, count) in site.counts.sorted(by: { $0.key < $1.key }) {
          table.add([column.column, site.site, value, count])
        }
        table.add([column.column, site.site, "", site.missing])
      }
    }
    return table
  }

  private static func conflicts(_ report: ValidationReport) -> ReportTable {
    var table = ReportTable(
      "conflicts_by_site",
      ["site", "patients", "unresolved", "ever_in_conflict", "values_ever_in_conflict"]
    )
    for own in report.conflicts ?? [] {
      table.add([own.site, own.patients, own.unresolved, own.everInConflict, own.values])
    }
    return table
  }

  private static func readers(_ report: ValidationReport) -> [ReportTable] {
    var pairs = ReportTable(
      "reader_pairs",
      ["first", "second", "n", "bias", "low", "high", "mean_risk_difference", "other_group"]
    )
    for own in report.readerEffect?.pairs ?? [] {
      pairs.add([
        own.first, own.second, own.n, own.bias, own.low, own.high, own.meanRiskDifference,
        own.otherGroup,
      ])
    }
    var readers = ReportTable(
      "readers",
      [
        "reader", "n", "settled", "mean_risk_difference", "other_group", "analysed", "auc",
        "settled_auc",
      ]
    )
    for own in report.readerEffect?.readers ?? [] {
      readers.add([
        own.reader, own.n, own.settled, own.meanRiskDifference, own.otherGroup, own.analysed,
        own.auc, own.settledAUC,
      ])
    }
    return [pairs, readers]
  }
}
