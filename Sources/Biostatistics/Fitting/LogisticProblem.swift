// SPDX-License-Identifier: Apache-2.0

/// The data of a logistic regression after its checks: the likelihood and its derivatives.
struct LogisticProblem: Sendable {
  /// The names of the columns, the intercept first (shape: p).
  let terms: [String]
  /// All columns, the intercept's ones first, column after column (shape: n × p).
  let columns: [Double]
  let rowCount: Int
  let outcomes: [Double]
  let weights: [Double]
  let offset: [Double]

  var termCount: Int { terms.count }
  var eventWeight: Double { zip(outcomes, weights).reduce(0) { $0 + $1.0 * $1.1 } }
  var totalWeight: Double { weights.reduce(0, +) }
  var hasOffset: Bool { offset.contains { $0 != 0 } }

  init(
    design: DesignMatrix,
    outcomes: [Double],
    weights: [Double]?,
    offset: [Double]?
  ) throws(BiostatisticsError) {
    let count = design.rowCount
    try Self.check(outcomes: outcomes, weights: weights, offset: offset, count: count)
    terms = [Coefficient.interceptTerm] + design.columnNames
    if let name = design.columnNames.first(where: { $0 == Coefficient.interceptTerm }) {
      throw .duplicateColumn(name)
    }
    columns = [Double](repeating: 1, count: count) + design.values
    rowCount = count
    self.outcomes = outcomes
    self.weights = weights ?? [Double](repeating: 1, count: count)
    self.offset = offset ?? [Double](repeating: 0, count: count)
  }

  private static func check(
    outcomes: [Double],
    weights: [Double]?,
    offset: [Double]?,
    count: Int
  ) throws(BiostatisticsError) {
    for found in [outcomes.count, weights?.count, offset?.count] {
      guard let found, found != count else { continue }
      throw .countsDiffer(expected: count, found: found)
    }
    if let position = outcomes.firstIndex(where: { $0 != 0 && $0 != 1 }) {
      throw .outcomeNotBinary(position: position)
    }
    if let position = weights?.firstIndex(where: { !($0 > 0 && $0.isFinite) }) {
      throw .weightNotPositive(position: position)
    }
    if let position = offset?.firstIndex(where: { !$0.isFinite }) {
      throw .notFinite(input: "offset", position: position)
    }
    guard outcomes.contains(1) else { throw .noEvents(count: count) }
    guard outcomes.contains(0) else { throw .noNonEvents(count: count) }
  }

  /// Refuses columns that are linear combinations of others.
  func checkRank() throws(BiostatisticsError) {
    let dependent = ColumnRank.dependentColumns(columns, rowCount: rowCount)
    guard dependent.isEmpty else { throw .rankDeficient(columns: dependent.map { terms[$0] }) }
  }
}

extension LogisticProblem {
  /// Offset plus Σ βx (shape: n).
  func linearPredictor(_ coefficients: [Double]) -> [Double] {
    var result = offset
    columns.withUnsafeBufferPointer { columns in
      result.withUnsafeMutableBufferPointer { result in
        for (column, coefficient) in coefficients.enumerated() where coefficient != 0 {
          let start = column * rowCount
          for row in 0..<rowCount { result[row] += coefficient * columns[start + row] }
        }
      }
    }
    return result
  }

  /// The log-likelihood at a linear predictor, exact for large ones.
  func logLikelihood(_ linearPredictor: [Double]) -> Double {
    var sum = 0.0
    for row in 0..<rowCount {
      let signed = outcomes[row] == 1 ? -linearPredictor[row] : linearPredictor[row]
      sum -= weights[row] * logOnePlusExp(signed)
    }
    return sum
  }

  /// Xᵀ r for residuals r (shape: p).
  func crossProduct(_ residuals: [Double]) -> [Double] {
    columns.withUnsafeBufferPointer { all in
      residuals.withUnsafeBufferPointer { right in
        (0..<termCount).map { column in
          Self.dot(all, column * rowCount, right, 0, count: rowCount)
        }
      }
    }
  }

  /// Xᵀ diag(w) X for row weights w (shape: p × p).
  func information(_ rowWeights: [Double]) -> SymmetricMatrix {
    var result = SymmetricMatrix(dimension: termCount)
    var weighted = [Double](repeating: 0, count: rowCount)
    for column in 0..<termCount {
      let start = column * rowCount
      for row in 0..<rowCount { weighted[row] = rowWeights[row] * columns[start + row] }
      columns.withUnsafeBufferPointer { all in
        weighted.withUnsafeBufferPointer { left in
          for other in 0...column {
            result[column, other] = Self.dot(all, other * rowCount, left, 0, count: rowCount)
          }
        }
      }
    }
    return result
  }

  /// xᵀ A⁻¹ x for every row x, from the factor L of A (shape: n).
  ///
  /// Solves L Y = Xᵀ for all rows at once, column after column, and sums the squares of Y.
  func rowForms(_ factor: Cholesky) -> [Double] {
    var solved = columns
    var forms = [Double](repeating: 0, count: rowCount)
    solved.withUnsafeMutableBufferPointer { solved in
      forms.withUnsafeMutableBufferPointer { forms in
        for column in 0..<termCount {
          let start = column * rowCount
          for earlier in 0..<column {
            let share = factor[column, earlier]
            let from = earlier * rowCount
            for row in 0..<rowCount { solved[start + row] -= share * solved[from + row] }
          }
          let pivot = factor[column, column]
          for row in 0..<rowCount {
            solved[start + row] /= pivot
            forms[row] += solved[start + row] * solved[start + row]
          }
        }
      }
    }
    return forms
  }

  /// A dot product with four running sums, which the compiler can keep in vector registers.
  private static func dot(
    _ first: UnsafeBufferPointer<Double>,
    _ firstStart: Int,
    _ second: UnsafeBufferPointer<Double>,
    _ secondStart: Int,
    count: Int
  ) -> Double {
    var sums = SIMD4<Double>(repeating: 0)
    var index = 0
    while index + 4 <= count {
      let a = firstStart + index
      let b = secondStart + index
      let left = SIMD4(first[a], first[a + 1], first[a + 2], first[a + 3])
      let right = SIMD4(second[b], second[b + 1], second[b + 2], second[b + 3])
      sums += left * right
      index += 4
    }
    var sum = sums.sum()
    while index < count {
      sum += first[firstStart + index] * second[secondStart + index]
      index += 1
    }
    return sum
  }
}
