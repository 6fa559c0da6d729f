// SPDX-License-Identifier: Apache-2.0

/// Multiple imputation by chained equations.
///
/// Every incomplete column is imputed in turn from all others, starting from random observed
/// values, for a number of rounds. All columns of the analysis belong in it, the outcome and the
/// site (as indicator columns) included. Values are taken to be missing at random; site-specific
/// slopes are not modelled. The same seed gives the same imputations.
///
/// Source: van Buuren & Groothuis-Oudshoorn, J Stat Softw 2011;45(3), doi:10.18637/jss.v045.i03.
public enum ChainedImputation {
  /// How a column is imputed.
  public enum Method: Equatable, Hashable, Codable, Sendable {
    /// Bayesian logistic regression, for 0 and 1; Firth's where patients are separated.
    case logistic
    /// Bayesian linear regression with normal errors, which may leave the range of the values.
    case linear
    /// The observed value of one of the donors whose predictions are nearest.
    case predictiveMeanMatching(donors: Int)
  }

  /// One column with its gaps.
  public struct Column: Equatable, Sendable {
    /// The name, unique.
    public let name: String
    /// The values (shape: n); nil where missing.
    public let values: [Double?]
    /// How gaps are filled.
    public let method: Method

    /// Makes a column.
    public init(name: String, values: [Double?], method: Method) {
      self.name = name
      self.values = values
      self.method = method
    }
  }

  /// Imputes data sets.
  ///
  /// - Parameters:
  ///   - columns: All columns of the analysis (shape: p × n), at least two, each with at least
  ///     two observed values.
  ///   - count: The number of data sets, m.
  ///   - rounds: The rounds of the chain before each data set.
  ///   - generator: The source of randomness.
  /// - Returns: For each data set its columns without gaps, in the given order (shape: m × p × n).
  /// - Throws: `tooFew`, `countsDiffer`, `notFinite`, `duplicateColumn`, `outcomeNotBinary` for a
  ///   logistic column, or `outOfRange`.
  public static func impute(
    _ columns: [Column],
    count: Int = 20,
    rounds: Int = 10,
    using generator: inout some RandomNumberGenerator
  ) throws(BiostatisticsError) -> [[[Double]]] {
    guard (1...1000).contains(count) else {
      throw .outOfRange(parameter: "count", value: Double(count))
    }
    guard (1...1000).contains(rounds) else {
      throw .outOfRange(parameter: "rounds", value: Double(rounds))
    }
    try check(columns)
    var result: [[[Double]]] = []
    for _ in 0..<count {
      var draw = ImputationDraw(columns: columns, using: &generator)
      for _ in 0..<rounds {
        for index in columns.indices where !draw.missing[index].isEmpty {
          try draw.fill(index, using: &generator)
        }
      }
      result.append(draw.values)
    }
    return result
  }

  private static func check(_ columns: [Column]) throws(BiostatisticsError) {
    guard columns.count > 1 else {
      throw .tooFew(what: "columns", needed: 2, found: columns.count)
    }
    var names: Set<String> = []
    for column in columns {
      guard names.insert(column.name).inserted else { throw .duplicateColumn(column.name) }
      guard column.values.count == columns[0].values.count else {
        throw .countsDiffer(expected: columns[0].values.count, found: column.values.count)
      }
      let observed = column.values.count { $0 != nil }
      guard observed > 1 else {
        throw .tooFew(what: column.name, needed: 2, found: observed)
      }
      for (position, value) in column.values.enumerated() {
        guard let value else { continue }
        guard value.isFinite else { throw .notFinite(input: column.name, position: position) }
        guard column.method != .logistic || value == 0 || value == 1 else {
          throw .outcomeNotBinary(position: position)
        }
      }
      if case .predictiveMeanMatching(let donors) = column.method, donors < 1 {
        throw .outOfRange(parameter: "donors", value: Double(donors))
      }
    }
  }
}
