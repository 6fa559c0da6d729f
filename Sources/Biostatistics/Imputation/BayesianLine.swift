// SPDX-License-Identifier: Apache-2.0

/// The predictors of an imputation, moved to mean 0 and variance 1, constant ones left out.
struct StandardisedPredictors {
  private let columns: [[Double]]

  init(_ columns: [[Double]]) {
    self.columns = columns.compactMap { column in
      let largest = column.reduce(0) { max($0, abs($1)) }
      guard largest > 0 else { return nil }
      let scaled = column.map { $0 / largest }
      let mean = scaled.reduce(0, +) / Double(scaled.count)
      let variance =
        scaled.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(scaled.count)
      guard variance > 1e-24 else { return nil }
      return scaled.map { ($0 - mean) / variance.squareRoot() }
    }
  }

  var count: Int { columns.count + 1 }

  /// The intercept and the predictors of a row, times coefficients.
  func product(_ row: Int, _ coefficients: [Double]) -> Double {
    var sum = coefficients[0]
    for (index, column) in columns.enumerated() { sum += coefficients[index + 1] * column[row] }
    return sum
  }

  /// The intercept's 1 and the predictors of a row.
  func row(_ row: Int) -> [Double] { [1] + columns.map { $0[row] } }

  func design(rows: [Int]) throws(BiostatisticsError) -> DesignMatrix {
    guard !columns.isEmpty else { return try DesignMatrix(rowCount: rows.count) }
    return try DesignMatrix(
      columnNames: columns.indices.map { "x\($0)" },
      columns: columns.map { column in rows.map { column[$0] } }
    )
  }
}

/// A linear regression and one draw of its coefficients from their posterior.
///
/// A ridge of 1e-5 of the diagonal, as in mice, keeps dependent predictors harmless.
struct BayesianLine {
  /// The estimates, the intercept first.
  let mean: [Double]
  /// Coefficients drawn from the posterior.
  let drawn: [Double]
  /// The residual deviation drawn from the posterior.
  let deviation: Double

  init(
    _ predictors: StandardisedPredictors,
    rows: [Int],
    y: [Double],
    using generator: inout some RandomNumberGenerator
  ) throws(BiostatisticsError) {
    // In units of the largest value, so that squares neither overflow nor vanish.
    let unit = y.reduce(0) { max($0, abs($1)) }
    guard unit > 0 else {
      mean = [Double](repeating: 0, count: predictors.count)
      drawn = mean
      deviation = 0
      return
    }
    let size = predictors.count
    var matrix = SymmetricMatrix(dimension: size)
    var right = [Double](repeating: 0, count: size)
    for (row, value) in zip(rows, y) {
      let x = predictors.row(row)
      for first in 0..<size {
        right[first] += x[first] * value / unit
        for second in 0...first { matrix[first, second] += x[first] * x[second] }
      }
    }
    // At least the ridge of one row: a predictor may not vary where y is observed.
    for index in 0..<size { matrix[index, index] += 1e-5 * max(1, matrix[index, index]) }
    let factor = try Cholesky(matrix)
    let solution = factor.solve(right)
    var squares = 0.0
    for (row, value) in zip(rows, y) {
      let residual = value / unit - predictors.product(row, solution)
      squares += residual * residual
    }
    let freedom = Double(max(1, rows.count - size))
    let chance = Double.random(in: 1e-12..<1, using: &generator)
    let chiSquare = try ChiSquared(degreesOfFreedom: freedom).quantile(chance)
    let spread = (squares / max(chiSquare, 1e-300)).squareRoot()
    let shift = try Normal.draw(
      about: solution,
      covariance: factor.inverse(),
      scale: spread,
      using: &generator
    )
    mean = solution.map { $0 * unit }
    drawn = shift.map { $0 * unit }
    deviation = spread * unit
  }
}

extension Normal {
  /// A standard normal draw.
  static func draw(
    using generator: inout some RandomNumberGenerator
  ) throws(BiostatisticsError) -> Double {
    try quantile(Double.random(in: 1e-15..<1, using: &generator))
  }

  /// A draw of a vector about its mean, the covariance times a squared scale.
  static func draw(
    about mean: [Double],
    covariance: SymmetricMatrix,
    scale: Double = 1,
    using generator: inout some RandomNumberGenerator
  ) throws(BiostatisticsError) -> [Double] {
    var result = mean
    // Coefficients that do not vary are left out of the factor.
    let free = mean.indices.filter { covariance[$0, $0] > 0 }
    guard !free.isEmpty, let factor = try? Cholesky(covariance.submatrix(free)) else {
      return result
    }
    var noise: [Double] = []
    for _ in free { noise.append(scale * (try draw(using: &generator))) }
    for (row, index) in free.enumerated() {
      for column in 0...row { result[index] += factor[row, column] * noise[column] }
    }
    return result
  }
}
