// SPDX-License-Identifier: Apache-2.0

/// The Cholesky factor L of a positive definite matrix A = L Lᵀ.
public struct Cholesky: Sendable {
  /// The number of rows and of columns.
  public let dimension: Int
  /// The lower triangle, row after row; zeros above the diagonal.
  private(set) var lower: [Double]

  /// Factors a matrix.
  ///
  /// A pivot below 1e-14 of its diagonal value counts as zero: the columns are then dependent
  /// as far as double precision can tell.
  ///
  /// - Throws: `notPositiveDefinite`.
  public init(_ matrix: SymmetricMatrix) throws(BiostatisticsError) {
    dimension = matrix.dimension
    lower = Array(repeating: 0, count: dimension * dimension)
    for row in 0..<dimension {
      for column in 0...row {
        var sum = matrix[row, column]
        for k in 0..<column { sum -= self[row, k] * self[column, k] }
        if row == column {
          guard sum > 1e-14 * matrix[row, row], sum.isFinite else { throw .notPositiveDefinite }
          lower[row * dimension + row] = sum.squareRoot()
        } else {
          lower[row * dimension + column] = sum / self[column, column]
        }
      }
    }
  }

  subscript(row: Int, column: Int) -> Double { lower[row * dimension + column] }

  /// The logarithm of the determinant of A.
  public var logDeterminant: Double {
    2 * (0..<dimension).reduce(0) { $0 + log(self[$1, $1]) }
  }

  /// Solves L y = b.
  func forward(_ right: [Double]) -> [Double] {
    var solution = right
    for row in 0..<dimension {
      for k in 0..<row { solution[row] -= self[row, k] * solution[k] }
      solution[row] /= self[row, row]
    }
    return solution
  }

  /// Solves A x = b.
  ///
  /// - Parameter right: The right side b (shape: dimension).
  /// - Returns: The solution x (shape: dimension).
  public func solve(_ right: [Double]) -> [Double] {
    var solution = forward(right)
    for row in (0..<dimension).reversed() {
      for k in row + 1..<max(dimension, row + 1) { solution[row] -= self[k, row] * solution[k] }
      solution[row] /= self[row, row]
    }
    return solution
  }

  /// The inverse of A.
  public func inverse() -> SymmetricMatrix {
    var result = SymmetricMatrix(dimension: dimension)
    for column in 0..<dimension {
      var unit = [Double](repeating: 0, count: dimension)
      unit[column] = 1
      let solved = solve(unit)
      for row in column..<dimension { result[row, column] = solved[row] }
    }
    return result
  }
}
