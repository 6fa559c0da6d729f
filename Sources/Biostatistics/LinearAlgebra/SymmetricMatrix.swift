// SPDX-License-Identifier: Apache-2.0

/// A symmetric matrix of small size, stored in full.
public struct SymmetricMatrix: Equatable, Hashable, Codable, Sendable {
  /// The number of rows and of columns.
  public let dimension: Int
  /// All values, row after row (shape: dimension × dimension).
  public private(set) var values: [Double]

  /// A matrix of zeros.
  public init(dimension: Int) {
    self.dimension = dimension
    values = Array(repeating: 0, count: dimension * dimension)
  }

  /// The matrix with this lower triangle, row after row; what lies above the diagonal is ignored.
  init(lowerTriangle: [Double], dimension: Int) {
    self.dimension = dimension
    values = lowerTriangle
    for row in 0..<dimension {
      for column in 0..<row { values[column * dimension + row] = values[row * dimension + column] }
    }
  }

  /// The value at a row and a column; setting one sets its mirror image too.
  public subscript(row: Int, column: Int) -> Double {
    get { values[row * dimension + column] }
    set {
      values[row * dimension + column] = newValue
      values[column * dimension + row] = newValue
    }
  }

  /// The diagonal, from the first row on.
  public var diagonal: [Double] { (0..<dimension).map { self[$0, $0] } }

  /// The matrix of the given rows and columns.
  func submatrix(_ indices: [Int]) -> SymmetricMatrix {
    var result = SymmetricMatrix(dimension: indices.count)
    for (row, from) in indices.enumerated() {
      for (column, other) in indices.enumerated() where column <= row {
        result[row, column] = self[from, other]
      }
    }
    return result
  }

  /// The quadratic form xᵀ A x.
  func quadraticForm(_ vector: [Double]) -> Double {
    var sum = 0.0
    for row in 0..<dimension {
      for column in 0..<dimension {
        sum += vector[row] * self[row, column] * vector[column]
      }
    }
    return sum
  }
}
