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
    var lower = matrix.values
    let isRegular = lower.withUnsafeMutableBufferPointer {
      Self.factor($0, dimension: matrix.dimension)
    }
    guard isRegular else { throw .notPositiveDefinite }
    self.lower = lower
  }

  /// Turns a matrix into its factor in place; false when it has none.
  private static func factor(
    _ values: UnsafeMutableBufferPointer<Double>,
    dimension: Int
  ) -> Bool {
    for row in 0..<dimension {
      let start = row * dimension
      for column in 0..<row {
        let other = column * dimension
        var sum = values[start + column]
        for k in 0..<column { sum -= values[start + k] * values[other + k] }
        values[start + column] = sum / values[other + column]
      }
      let diagonal = values[start + row]
      var pivot = diagonal
      for k in 0..<row { pivot -= values[start + k] * values[start + k] }
      guard pivot > 1e-14 * diagonal, pivot.isFinite else { return false }
      values[start + row] = pivot.squareRoot()
      for column in row + 1..<max(dimension, row + 1) { values[start + column] = 0 }
    }
    return true
  }

  subscript(row: Int, column: Int) -> Double { lower[row * dimension + column] }

  /// The logarithm of the determinant of A.
  public var logDeterminant: Double {
    2 * (0..<dimension).reduce(0) { $0 + log(self[$1, $1]) }
  }

  /// Solves L y = b.
  func forward(_ right: [Double]) -> [Double] {
    var solution = right
    lower.withUnsafeBufferPointer { lower in
      solution.withUnsafeMutableBufferPointer { solution in
        for row in 0..<dimension {
          let start = row * dimension
          var sum = solution[row]
          for k in 0..<row { sum -= lower[start + k] * solution[k] }
          solution[row] = sum / lower[start + row]
        }
      }
    }
    return solution
  }

  /// Solves A x = b.
  ///
  /// - Parameter right: The right side b (shape: dimension).
  /// - Returns: The solution x (shape: dimension).
  public func solve(_ right: [Double]) -> [Double] {
    var solution = forward(right)
    lower.withUnsafeBufferPointer { lower in
      solution.withUnsafeMutableBufferPointer { solution in
        for row in (0..<dimension).reversed() {
          var sum = solution[row]
          for k in row + 1..<max(dimension, row + 1) {
            sum -= lower[k * dimension + row] * solution[k]
          }
          solution[row] = sum / lower[row * dimension + row]
        }
      }
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
