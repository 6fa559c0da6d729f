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
  /// The signs of the programme's optimum, in the order of `terms` (shape: p).
  ///
  /// This is the direction other programs report. It is one of the directions that separate, so
  /// an estimate it calls finite may still be infinite: `infiniteTerms` has them all.
  public let directions: [Direction]
  /// The number of rows with zᵢ xᵢᵀb > 0 at the programme's optimum.
  public let separatedCount: Int
  /// The terms that take part in some direction that separates, the intercept included.
  public let infiniteTerms: [String]

  /// The columns, without the intercept, whose estimates are infinite.
  public var columns: [String] { infiniteTerms.filter { $0 != Coefficient.interceptTerm } }

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
    let (open, union) = try rows.directionOfAll()
    let separated = rows.count(where: open.map { !$0 })
    let optimum = separated == 0 ? union : try rows.optimum(fallback: union)
    let kind: Kind =
      separated == 0 ? .none : separated == rows.total ? .complete : .quasiComplete
    return Separation(
      kind: kind,
      terms: problem.terms,
      directions: optimum.map {
        abs($0) <= SignedRows.signTolerance
          ? .finite : $0 > 0 ? .positiveInfinity : .negativeInfinity
      },
      separatedCount: separated == 0 ? 0 : rows.count(where: rows.isSeparated(optimum)),
      infiniteTerms: zip(problem.terms, union).filter { abs($0.1) > SignedRows.signTolerance }
        .map(\.0)
    )
  }
}

/// The distinct rows zᵢ xᵢ, with every column scaled to largest value 1.
private struct SignedRows {
  static let signTolerance = 1e-9
  private static let marginTolerance = 1e-7
  private let rows: [[Double]]
  private let multiplicities: [Int]
  private let scales: [Double]

  init(_ problem: LogisticProblem) {
    let columns = (0..<problem.termCount).map { problem.column($0) }
    let outcomes = problem.countedOutcomes
    let scales = columns.map { column in column.reduce(0) { max($0, abs($1)) } }
    var counts: [[Double]: Int] = [:]
    var order: [[Double]] = []
    for row in outcomes.indices {
      let sign = outcomes[row] == 1 ? 1.0 : -1
      let values = scales.indices.map { column in
        scales[column] == 0 ? 0 : sign * columns[column][row] / scales[column]
      }
      if counts[values] == nil { order.append(values) }
      counts[values, default: 0] += 1
    }
    rows = order
    self.scales = scales
    multiplicities = order.map { counts[$0] ?? 0 }
  }

  /// The number of patients.
  var total: Int { multiplicities.reduce(0, +) }

  /// The number of patients in the marked rows.
  func count(where marked: [Bool]) -> Int {
    zip(marked, multiplicities).reduce(0) { $0 + ($1.0 ? $1.1 : 0) }
  }

  /// Which rows a direction separates.
  func isSeparated(_ direction: [Double]) -> [Bool] {
    rows.map { row in
      zip(row, direction).reduce(0) { $0 + $1.0 * $1.1 } > Self.marginTolerance
    }
  }

  /// The rows that no direction separates, and a direction that separates all others.
  ///
  /// One optimum may leave out rows that another direction separates; each round asks for a
  /// direction that separates some of the rows still open, and adds it.
  func directionOfAll() throws(BiostatisticsError) -> (open: [Bool], direction: [Double]) {
    let unit = [Double](repeating: 1, count: scales.count)
    var direction = [Double](repeating: 0, count: scales.count)
    var open = [Bool](repeating: true, count: rows.count)
    for _ in 0...rows.count where open.contains(true) {
      let found = try separatingDirection(counting: open, bounds: unit)
      let separated = isSeparated(found)
      let newly = open.indices.filter { open[$0] && separated[$0] }
      guard !newly.isEmpty else { break }
      for index in newly { open[index] = false }
      for index in direction.indices { direction[index] += found[index] }
    }
    return (open, direction)
  }

  /// The optimum with −1 ≤ b ≤ 1 in the columns' own units, as other programs have it; the
  /// fallback when units are so far apart that nothing of it is left in double precision.
  func optimum(fallback: [Double]) throws(BiostatisticsError) -> [Double] {
    let widest = scales.max() ?? 1
    let bounds = scales.map { $0 / widest }
    let all = [Bool](repeating: true, count: rows.count)
    let found = try separatingDirection(counting: all, bounds: bounds)
    return isSeparated(found).contains(true) ? found : fallback
  }

  /// The optimum of the programme, counting only the open rows in its objective.
  ///
  /// b is written as u − v with 0 ≤ u, v ≤ bounds.
  private func separatingDirection(
    counting open: [Bool],
    bounds: [Double]
  ) throws(BiostatisticsError) -> [Double] {
    let width = scales.count
    var objective = [Double](repeating: 0, count: 2 * width)
    var constraints: [[Double]] = []
    for (index, row) in rows.enumerated() {
      constraints.append(row.map { -$0 } + row)
      guard open[index] else { continue }
      for column in 0..<width {
        objective[column] += Double(multiplicities[index]) * row[column]
        objective[width + column] -= Double(multiplicities[index]) * row[column]
      }
    }
    let solution = try Simplex.maximise(
      objective,
      constraints: constraints,
      upperBounds: bounds + bounds
    )
    return (0..<width).map { solution[$0] - solution[width + $0] }
  }
}
