// SPDX-License-Identifier: Apache-2.0

import Foundation
import Registry
import Replication

/// Makes values less telling: five-year ages, weeks for days, three digits of laboratory values.
enum Coarsening {
  /// Significant digits of laboratory values.
  static let laboratoryDigits = 3
  /// Years of an age band.
  static let bandYears = 5

  /// The five-year band of an age; the highest one is open.
  static func band(_ age: Int, pooledAge: Int) -> String {
    guard age < pooledAge else { return "\(pooledAge)+" }
    let first = age / bandYears * bandYears
    return "\(first)-\(min(first + bandYears, pooledAge) - 1)"
  }

  /// Every band from an age on, in order.
  static func bands(from youngest: Int, pooledAge: Int) -> [String] {
    stride(from: youngest / bandYears * bandYears, to: pooledAge, by: bandYears).map {
      band($0, pooledAge: pooledAge)
    } + ["\(pooledAge)+"]
  }

  /// The whole week of a day from treatment start: days 0 to 6 are week 0, days -7 to -1 week -1.
  static func week(_ day: Int) -> Int { Int((Double(day) / 7).rounded(.down)) }

  /// A number with three significant digits, half away from zero in the shown decimals.
  static func threeDigits(_ number: Double) -> Double {
    guard number.isFinite, number != 0 else { return number }
    return Double(String(format: "%.\(laboratoryDigits - 1)e", number)) ?? number
  }

  /// A row whose laboratory values have three digits and whose indices are computed from these.
  static func laboratory(_ row: AnalysisRow, study: Study) -> AnalysisRow {
    var values = row.values
    for (column, value) in row.values {
      guard study.column(column)?.field.record == laboratoryRecord else { continue }
      switch value {
      case .decimal(let number): values[column] = .decimal(threeDigits(number))
      case .integer(let number): values[column] = .integer(Int64(threeDigits(Double(number))))
      default: break
      }
    }
    // An index of exact values would give the digits back.
    for index in study.derived { values[index.column] = nil }
    var coarse = AnalysisRow(
      patient: row.patient,
      site: row.site,
      hasConflict: row.hasConflict,
      everInConflict: row.everInConflict,
      implausibleColumns: row.implausibleColumns,
      values: values
    )
    coarse.addDerived(study)
    return coarse
  }

  /// The record of the dictionary that holds laboratory values.
  private static let laboratoryRecord = "labs"
}
