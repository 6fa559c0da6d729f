// SPDX-License-Identifier: Apache-2.0

import Biostatistics
import CommandSupport
import Registry

/// The rows of a file that are complete in the columns a statistic uses.
struct StatisticsFrame {
  /// The most levels a column of text may have as a predictor or as groups.
  static let levelLimit = 1_000

  private let table: NumericTable
  /// The positions of the complete rows; nil when all rows are.
  private let rows: [Int]?
  /// The number of complete rows.
  let count: Int

  /// The number of rows left out.
  var dropped: Int { table.rowCount - count }
  /// All columns of the file.
  var columnNames: [String] { table.columnNames }

  /// Keeps the rows complete in the columns; in all columns when nil.
  init(_ table: NumericTable, columns: [String]?) {
    var isComplete = [Bool](repeating: true, count: table.rowCount)
    var hasGap = false
    for name in Set(columns ?? table.columnNames) {
      switch table[name] {
      case .numbers(let values):
        for (row, value) in values.enumerated() where value.isNaN {
          isComplete[row] = false
          hasGap = true
        }
      case .text(let codes, _):
        for (row, code) in codes.enumerated() where code < 0 {
          isComplete[row] = false
          hasGap = true
        }
      case nil: break
      }
    }
    self.table = table
    rows = hasGap ? isComplete.indices.filter { isComplete[$0] } : nil
    count = rows?.count ?? table.rowCount
  }

  /// The numbers of a column.
  ///
  /// - Throws: `CommandFailure` when it holds text, or when no row is complete.
  func numbers(_ name: String) throws(CommandFailure) -> [Double] {
    try requireRows()
    guard case .numbers(let values) = table[name] else {
      throw CommandFailure(.refused, what: "The column does not hold numbers only", to: name)
    }
    return kept(values)
  }

  /// An outcome written as 0 and 1, or as FALSE and TRUE.
  func outcomes(_ name: String) throws(CommandFailure) -> [Bool] {
    try binary(name, mayBeOneAndTwo: false)
  }

  /// The status at the end of follow-up: 0 and 1, FALSE and TRUE, or 1 and 2 with 2 for the event.
  func status(_ name: String) throws(CommandFailure) -> [Bool] {
    try binary(name, mayBeOneAndTwo: true)
  }

  private func binary(
    _ name: String,
    mayBeOneAndTwo: Bool
  ) throws(CommandFailure) -> [Bool] {
    try requireRows()
    switch table[name] {
    case .numbers(let all):
      let values = kept(all)
      if values.allSatisfy({ $0 == 0 || $0 == 1 }) { return values.map { $0 == 1 } }
      if mayBeOneAndTwo, values.allSatisfy({ $0 == 1 || $0 == 2 }) { return values.map { $0 == 2 } }
    case .text(let codes, let levels) where Set(levels).isSubset(of: ["FALSE", "TRUE"]):
      return kept(codes).map { levels[$0] == "TRUE" }
    default: break
    }
    throw CommandFailure(
      .refused,
      what: "The column must hold 0 and 1 only",
      to: name,
      todo: "Recode it, with 1 for the event"
    )
  }

  /// A label for each row, counted from 0 in the order of the labels' names.
  ///
  /// Numbers are ordered as numbers, text by Unicode scalars.
  func groups(_ name: String) throws(CommandFailure) -> (codes: [Int], names: [String]) {
    try requireRows()
    let codes: [Int]
    let names: [String]
    switch table[name] {
    case .numbers(let all):
      let values = kept(all)
      let distinct = Set(values).sorted()
      let ranks = Dictionary(distinct.enumerated().map { ($1, $0) }, uniquingKeysWith: { $1 })
      codes = values.map { ranks[$0] ?? 0 }
      names = distinct.map(StatisticsText.exact)
    case .text(let all, let levels):
      let found = kept(all)
      let used = Set(found).sorted()
      let ranks = Dictionary(used.enumerated().map { ($1, $0) }, uniquingKeysWith: { $1 })
      codes = found.map { ranks[$0] ?? 0 }
      names = used.map { levels[$0] }
    case nil: (codes, names) = ([], [])
    }
    guard names.count <= Self.levelLimit else {
      throw CommandFailure(
        .refused,
        what: "The column has \(names.count) different values, too many for groups",
        to: name
      )
    }
    return (codes, names)
  }

  /// The labels of two columns in one order, as of two readers with the same categories.
  func commonGroups(
    _ first: String,
    _ second: String
  ) throws(CommandFailure) -> (first: [Int], second: [Int], names: [String]) {
    let (own, other) = (try groups(first), try groups(second))
    let all = Set(own.names).union(other.names)
    let numbers = all.compactMap { Double($0) }
    let names =
      numbers.count == all.count
      ? numbers.sorted().map(StatisticsText.exact)
      : all.sorted { $0.unicodeScalars.lexicographicallyPrecedes($1.unicodeScalars) }
    let ranks = Dictionary(names.enumerated().map { ($1, $0) }, uniquingKeysWith: { $1 })
    return (
      own.codes.map { ranks[own.names[$0]] ?? 0 }, other.codes.map { ranks[other.names[$0]] ?? 0 },
      names
    )
  }

  private func kept<Value>(_ values: [Value]) -> [Value] {
    guard let rows else { return values }
    return rows.map { values[$0] }
  }

  private func requireRows() throws(CommandFailure) {
    guard count > 0 else {
      throw CommandFailure(
        .refused,
        what: "No row is complete in the columns that are used",
        todo: "See which columns are empty"
      )
    }
  }
}

extension StatisticsFrame {
  /// The design of predictors: numbers as they are, text as indicators of its levels but the first.
  ///
  /// An indicator is named by column and level, as in `rxLev`.
  func design(_ predictors: [ModelFormula.Predictor]) throws -> DesignMatrix {
    try requireRows()
    let columns = try predictors.flatMap { try self.columns(of: $0) }
    return columns.isEmpty
      ? try DesignMatrix(rowCount: count)
      : try DesignMatrix(columnNames: columns.map(\.name), columns: columns.map(\.values))
  }

  /// The design's columns that a predictor makes: one for numbers, one fewer than levels for text.
  func columns(
    of predictor: ModelFormula.Predictor
  ) throws(CommandFailure) -> [(name: String, values: [Double])] {
    if !predictor.isFactor, case .numbers(let values) = table[predictor.column] {
      return [(predictor.term, kept(values))]
    }
    let (codes, levels) = try groups(predictor.column)
    guard levels.count > 1 else {
      throw CommandFailure(
        .refused,
        what: "The predictor has one value only",
        to: predictor.column,
        todo: "Leave it out"
      )
    }
    guard levels.count <= max(2, count / 2) else {
      throw CommandFailure(
        .refused,
        what: "The predictor is text with \(levels.count) different values in \(count) rows",
        to: predictor.column,
        todo: "Leave it out, or recode it as numbers"
      )
    }
    return levels.indices.dropFirst().map { code in
      (predictor.term + levels[code], codes.map { $0 == code ? 1 : 0 })
    }
  }
}
