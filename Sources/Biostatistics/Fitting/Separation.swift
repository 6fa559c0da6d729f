// SPDX-License-Identifier: Apache-2.0

/// Whether a linear combination of columns tells events from non-events without error.
///
/// Then maximum-likelihood estimates do not exist. Decided by the linear programme: maximise
/// Σ zᵢ xᵢᵀb with zᵢ xᵢᵀb ≥ 0 and −1 ≤ b ≤ 1, where z is +1 for events and −1 for others.
///
/// Source: Konis, DPhil thesis, University of Oxford, 2007; Albert & Anderson, Biometrika
/// 1984;71:1–10, doi:10.1093/biomet/71.1.1.
public struct Separation: Equatable, Sendable {
  /// How far the outcomes are separated.
  public enum Kind: String, Equatable, Hashable, Codable, Sendable {
    /// Not at all: the estimates exist.
    case none
    /// Some patients are told apart, the others lie on the boundary.
    case quasiComplete
    /// Every patient is told apart.
    case complete
  }

  /// Where an estimate runs to.
  public enum Direction: String, Equatable, Hashable, Codable, Sendable {
    /// The estimate stays finite.
    case finite
    /// The estimate runs to plus infinity.
    case positiveInfinity
    /// The estimate runs to minus infinity.
    case negativeInfinity
  }

  /// How far the outcomes are separated.
  public let kind: Kind
  /// The names of all terms, the intercept first (shape: p).
  public let terms: [String]
  /// Where each estimate runs to, in the order of `terms` (shape: p).
  public let directions: [Direction]
  /// The number of rows told apart without error.
  public let separatedCount: Int

  /// The columns, without the intercept, whose estimates are infinite.
  public var columns: [String] {
    zip(terms, directions).filter { $0.1 != .finite && $0.0 != Coefficient.interceptTerm }
      .map(\.0)
  }

  /// Decides whether a design with an intercept separates the outcomes.
  ///
  /// - Parameters:
  ///   - design: The predictors (shape: n × p).
  ///   - outcomes: Observed events (shape: n), of both kinds.
  /// - Returns: How far the outcomes are separated, and by which columns.
  /// - Throws: `countsDiffer`, `noEvents` or `noNonEvents`.
  public static func detect(
    _ design: DesignMatrix,
    outcomes: [Bool]
  ) throws(BiostatisticsError) -> Separation {
    try detect(
      LogisticProblem(
        design: design,
        outcomes: outcomes.map { $0 ? 1 : 0 },
        weights: nil,
        offset: nil
      )
    )
  }

  static func detect(_ problem: LogisticProblem) throws(BiostatisticsError) -> Separation {
    let rows = SignedRows(problem)
    var direction = [Double](repeating: 0, count: problem.termCount)
    var isOpen = [Bool](repeating: true, count: rows.rows.count)
    // One optimum may leave out rows that another direction separates; each round asks for a
    // direction that separates some of the rows still open, and adds it.
    for _ in 0...rows.rows.count where isOpen.contains(true) {
      let found = try rows.separatingDirection(counting: isOpen)
      let margins = rows.margins(found)
      let newly = isOpen.indices.filter { isOpen[$0] && margins[$0] > 1e-7 }
      guard !newly.isEmpty else { break }
      for index in newly { isOpen[index] = false }
      for index in direction.indices { direction[index] += found[index] }
    }
    let separated = zip(isOpen, rows.multiplicities).reduce(0) { $0 + ($1.0 ? 0 : $1.1) }
    let kind: Kind =
      separated == 0 ? .none : separated == problem.rowCount ? .complete : .quasiComplete
    return Separation(
      kind: kind,
      terms: problem.terms,
      directions: direction.map {
        abs($0) <= 1e-9 ? .finite : $0 > 0 ? .positiveInfinity : .negativeInfinity
      },
      separatedCount: separated
    )
  }
}

/// The distinct rows zᵢ xᵢ, with every column scaled to largest value 1.
private struct SignedRows {
  let rows: [[Double]]
  let multiplicities: [Int]

  init(_ problem: LogisticProblem) {
    let count = problem.rowCount
    let scales = (0..<problem.termCount).map { column in
      problem.columns[column * count..<(column + 1) * count].reduce(0) { max($0, abs($1)) }
    }
    var counts: [[Double]: Int] = [:]
    var order: [[Double]] = []
    for row in 0..<count {
      let sign = problem.outcomes[row] == 1 ? 1.0 : -1
      let values = scales.indices.map { column in
        scales[column] == 0 ? 0 : sign * problem.columns[column * count + row] / scales[column]
      }
      if counts[values] == nil { order.append(values) }
      counts[values, default: 0] += 1
    }
    rows = order
    multiplicities = order.map { counts[$0] ?? 0 }
  }

  func margins(_ direction: [Double]) -> [Double] {
    rows.map { zip($0, direction).reduce(0) { $0 + $1.0 * $1.1 } }
  }

  /// The optimum of the programme, counting only the open rows in its objective.
  ///
  /// b is written as u − v with 0 ≤ u, v ≤ 1.
  func separatingDirection(counting isOpen: [Bool]) throws(BiostatisticsError) -> [Double] {
    let width = rows.first?.count ?? 0
    var objective = [Double](repeating: 0, count: 2 * width)
    var constraints: [[Double]] = []
    for (index, row) in rows.enumerated() {
      constraints.append(row.map { -$0 } + row)
      guard isOpen[index] else { continue }
      for column in 0..<width {
        objective[column] += Double(multiplicities[index]) * row[column]
        objective[width + column] -= Double(multiplicities[index]) * row[column]
      }
    }
    let solution = try Simplex.maximise(
      objective,
      constraints: constraints,
      upperBounds: [Double](repeating: 1, count: 2 * width)
    )
    return (0..<width).map { solution[$0] - solution[width + $0] }
  }
}
