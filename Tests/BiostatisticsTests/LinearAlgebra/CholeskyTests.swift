// SPDX-License-Identifier: Apache-2.0
import Biostatistics
import Testing

struct CholeskyTests {
  private func matrix(_ rows: [[Double]]) -> SymmetricMatrix {
    var result = SymmetricMatrix(dimension: rows.count)
    for row in rows.indices {
      for column in 0...row { result[row, column] = rows[row][column] }
    }
    return result
  }

  @Test func `a solved system gives back its right side`() throws {
    let rows: [[Double]] = [[4, 2, 0.6], [2, 5, 1], [0.6, 1, 3]]
    let solution = try Cholesky(matrix(rows)).solve([1, 2, 3])
    let back = rows.map { zip($0, solution).reduce(0) { $0 + $1.0 * $1.1 } }
    expectClose(back, [1, 2, 3], within: 1e-14)
  }

  @Test func `the inverse of a diagonal matrix holds reciprocals`() throws {
    let inverse = try Cholesky(matrix([[16, 0], [0, 4]])).inverse()
    #expect(inverse.values == [0.0625, 0, 0, 0.25])
  }

  @Test func `the determinant is that of the matrix`() throws {
    let factor = try Cholesky(matrix([[4, 2], [2, 5]]))
    #expect(isClose(factor.logDeterminant, 2.772588722239781, within: 1e-14))
  }

  @Test func `an indefinite matrix is refused`() {
    #expect(throws: BiostatisticsError.notPositiveDefinite) {
      try Cholesky(matrix([[1, 2], [2, 1]]))
    }
  }

  @Test func `columns of unequal length are refused`() {
    #expect(throws: BiostatisticsError.countsDiffer(expected: 2, found: 1)) {
      try DesignMatrix(columnNames: ["a", "b"], columns: [[1, 2], [1]])
    }
  }

  @Test func `a repeated name is refused`() {
    #expect(throws: BiostatisticsError.duplicateColumn("a")) {
      try DesignMatrix(columnNames: ["a", "a"], columns: [[1, 2], [1, 3]])
    }
  }
}
