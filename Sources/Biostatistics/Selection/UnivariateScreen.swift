// SPDX-License-Identifier: Apache-2.0

/// A table of logistic regressions on one column each, with the rows where it is known.
///
/// Keeping columns by their p value here is a poor way to choose predictors; it is offered because
/// published models did so and a validation has to repeat it.
///
/// Source: Sun et al., J Clin Epidemiol 1996;49:907–916, doi:10.1016/0895-4356(96)00025-X;
/// TRIPOD+AI, BMJ 2024;385:e078378, doi:10.1136/bmj-2023-078378.
public struct UnivariateScreen: Equatable, Sendable {
  /// One column's regression.
  public struct Row: Equatable, Sendable {
    /// The column.
    public let name: String
    /// The number of rows where it is known.
    public let count: Int
    /// The number of events among them.
    public let events: Int
    /// Its coefficient with Wald limits and p value; nil when it could not be fitted.
    public let coefficient: Coefficient?
    /// The likelihood-ratio test; nil when it could not be fitted.
    public let likelihoodRatio: TestResult?
    /// Why it could not be fitted, such as separation; nil when it was.
    public let refusal: BiostatisticsError?
    /// Whether Wald's p value is below the threshold.
    public let isKept: Bool
  }

  /// The threshold of the p value.
  public let threshold: Double
  /// One row for each column, in their order.
  public let rows: [Row]

  /// The names of the columns kept.
  public var kept: [String] { rows.filter(\.isKept).map(\.name) }

  /// Screens columns.
  ///
  /// - Parameters:
  ///   - columnNames: Unique names (shape: p).
  ///   - columns: One array for each name (shape: p × n); nil where the value is missing.
  ///   - outcomes: Observed events (shape: n).
  ///   - threshold: The p value below which a column is kept, in (0, 1].
  /// - Returns: The table; a column that cannot be fitted has a row that says why.
  /// - Throws: `outOfRange`, `countsDiffer`, `duplicateColumn` or `emptyInput`.
  public static func measure(
    columnNames: [String],
    columns: [[Double?]],
    outcomes: [Bool],
    threshold: Double = 0.1
  ) throws(BiostatisticsError) -> UnivariateScreen {
    guard threshold > 0, threshold <= 1 else {
      throw .outOfRange(parameter: "threshold", value: threshold)
    }
    guard !outcomes.isEmpty else { throw .emptyInput }
    guard columnNames.count == columns.count else {
      throw .countsDiffer(expected: columnNames.count, found: columns.count)
    }
    var seen: Set<String> = []
    var rows: [Row] = []
    for (name, column) in zip(columnNames, columns) {
      guard seen.insert(name).inserted else { throw .duplicateColumn(name) }
      guard column.count == outcomes.count else {
        throw .countsDiffer(expected: outcomes.count, found: column.count)
      }
      rows.append(row(name, column, outcomes, threshold))
    }
    return UnivariateScreen(threshold: threshold, rows: rows)
  }

  private static func row(
    _ name: String,
    _ column: [Double?],
    _ outcomes: [Bool],
    _ threshold: Double
  ) -> Row {
    let known = column.indices.filter { column[$0] != nil }
    let events = known.map { outcomes[$0] }
    func row(_ fit: LogisticFit?, _ test: TestResult?, _ refusal: BiostatisticsError?) -> Row {
      Row(
        name: name,
        count: known.count,
        events: events.count { $0 },
        coefficient: fit?.coefficients[1],
        likelihoodRatio: test,
        refusal: refusal,
        isKept: (fit?.coefficients[1].p).map { $0 < threshold } ?? false
      )
    }
    do throws(BiostatisticsError) {
      let design = try DesignMatrix(columnNames: [name], columns: [known.compactMap { column[$0] }])
      let fit = try LogisticFit.fit(design, outcomes: events)
      return row(fit, try fit.likelihoodRatioTest(), nil)
    } catch {
      return row(nil, nil, error)
    }
  }
}
