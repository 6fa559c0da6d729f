// SPDX-License-Identifier: Apache-2.0

/// A small linear programme with a feasible origin.
enum Simplex {
  /// Maximises cᵀx with A x ≤ 0 and 0 ≤ x ≤ upper bounds.
  ///
  /// The dense tableau with the steepest column; when pivots stop improving, as they do where
  /// many rows meet, Bland's rule, which cannot cycle, until one improves again.
  ///
  /// Source: Bland, Math Oper Res 1977;2:103–107, doi:10.1287/moor.2.2.103.
  static func maximise(
    _ objective: [Double],
    constraints: [[Double]],
    upperBounds: [Double],
    limit: Int = 100_000
  ) throws(BiostatisticsError) -> [Double] {
    var tableau = Tableau(objective: objective, constraints: constraints, bounds: upperBounds)
    var stalled = 0
    for _ in 0..<limit {
      let before = tableau.objective
      guard let entering = tableau.enteringColumn(byBland: stalled > 200) else {
        return tableau.solution()
      }
      guard let leaving = tableau.leavingRow(entering) else {
        throw .notConverged(iterations: 0)
      }
      tableau.pivot(row: leaving, column: entering)
      stalled = tableau.objective > before ? 0 : stalled + 1
    }
    throw .notConverged(iterations: limit)
  }

  /// Rows of the basic variables over columns of the others; the last column is the right side.
  private struct Tableau {
    private static let tolerance = 1e-9
    private var rows: [[Double]]
    private var costs: [Double]
    /// The variable of each row and of each column; those below `variableCount` are x.
    private var basic: [Int]
    private var others: [Int]
    private let variableCount: Int

    init(objective: [Double], constraints: [[Double]], bounds: [Double]) {
      variableCount = objective.count
      rows = constraints.map { $0 + [0] }
      for (index, bound) in bounds.enumerated() {
        var row = [Double](repeating: 0, count: variableCount + 1)
        row[index] = 1
        row[variableCount] = bound
        rows.append(row)
      }
      costs = objective + [0]
      others = Array(0..<variableCount)
      basic = Array(variableCount..<variableCount + rows.count)
    }

    /// The value of the objective at the current vertex.
    var objective: Double { -costs[variableCount] }

    /// The column that improves most, or by Bland the improving one of the lowest variable.
    func enteringColumn(byBland: Bool) -> Int? {
      let improving = others.indices.filter { costs[$0] > Self.tolerance }
      return byBland
        ? improving.min { others[$0] < others[$1] } : improving.max { costs[$0] < costs[$1] }
    }

    /// The row that limits the entering column most; among equals the lowest variable.
    func leavingRow(_ column: Int) -> Int? {
      var best: (row: Int, ratio: Double)?
      for row in rows.indices where rows[row][column] > Self.tolerance {
        let ratio = rows[row][variableCount] / rows[row][column]
        guard let current = best else {
          best = (row, ratio)
          continue
        }
        let isEqual = abs(ratio - current.ratio) <= 1e-12
        if isEqual ? basic[row] < basic[current.row] : ratio < current.ratio {
          best = (row, ratio)
        }
      }
      return best?.row
    }

    mutating func pivot(row: Int, column: Int) {
      let inverse = 1 / rows[row][column]
      for index in rows[row].indices where index != column { rows[row][index] *= inverse }
      rows[row][column] = inverse
      let pivotRow = rows[row]
      for other in rows.indices where other != row {
        Self.eliminate(&rows[other], pivotRow, column)
      }
      Self.eliminate(&costs, pivotRow, column)
      swap(&basic[row], &others[column])
    }

    private static func eliminate(_ target: inout [Double], _ pivotRow: [Double], _ column: Int) {
      let factor = target[column]
      guard factor != 0 else { return }
      for index in target.indices where index != column {
        target[index] -= factor * pivotRow[index]
      }
      target[column] = -factor * pivotRow[column]
    }

    func solution() -> [Double] {
      var values = [Double](repeating: 0, count: variableCount)
      for (row, variable) in basic.enumerated() where variable < variableCount {
        values[variable] = max(0, rows[row][variableCount])
      }
      return values
    }
  }
}
