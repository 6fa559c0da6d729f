// SPDX-License-Identifier: Apache-2.0

/// Which columns depend linearly on the columns before them.
enum ColumnRank {
  /// The positions of dependent columns, by modified Gram–Schmidt, run twice per column.
  ///
  /// A column is dependent when less than `tolerance` of its length remains after the columns
  /// before it are projected out.
  static func dependentColumns(
    _ values: [Double],
    rowCount: Int,
    tolerance: Double = 1e-9
  ) -> [Int] {
    var basis: [[Double]] = []
    var dependent: [Int] = []
    for column in 0..<(rowCount == 0 ? 0 : values.count / rowCount) {
      var rest = Array(values[column * rowCount..<(column + 1) * rowCount])
      let before = length(rest)
      for _ in 0..<2 {
        for direction in basis {
          let share = dot(rest, direction)
          for row in 0..<rowCount { rest[row] -= share * direction[row] }
        }
      }
      let after = length(rest)
      if before == 0 || after <= tolerance * before {
        dependent.append(column)
      } else {
        basis.append(rest.map { $0 / after })
      }
    }
    return dependent
  }

  private static func dot(_ first: [Double], _ second: [Double]) -> Double {
    var sum = 0.0
    for index in first.indices { sum += first[index] * second[index] }
    return sum
  }

  /// The Euclidean length, scaled so that large values do not overflow.
  private static func length(_ vector: [Double]) -> Double {
    let scale = vector.reduce(0) { max($0, abs($1)) }
    guard scale > 0 else { return 0 }
    return scale * vector.reduce(0) { $0 + ($1 / scale) * ($1 / scale) }.squareRoot()
  }
}
