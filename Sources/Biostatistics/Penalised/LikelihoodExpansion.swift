// SPDX-License-Identifier: Apache-2.0

/// The quadratic expansion of −l/n about one point, for standardised columns.
struct LikelihoodExpansion {
  /// The point, the intercept first.
  var point: [Double]
  /// −l/n at the point.
  var value = 0.0
  var interceptGradient = 0.0
  var interceptCurvature = 1.0
  var gradient: [Double]
  /// The curvature between the intercept and each column.
  var cross: [Double]
  var curvature: SymmetricMatrix

  init(width: Int) {
    point = [Double](repeating: 0, count: width + 1)
    gradient = [Double](repeating: 0, count: width)
    cross = gradient
    curvature = SymmetricMatrix(dimension: width)
  }

  private static func penaltyTerm(_ point: [Double], _ penalty: Double, _ mixing: Double) -> Double
  {
    point.dropFirst().reduce(0) {
      $0 + penalty * ((1 - mixing) / 2 * $1 * $1 + mixing * abs($1))
    }
  }

  /// −l/n plus penalty at the point itself.
  func objective(penalty: Double, mixing: Double) -> Double {
    value + Self.penaltyTerm(point, penalty, mixing)
  }

  /// The expansion of −l/n at another point.
  func value(at other: [Double]) -> Double {
    let shift = zip(other, point).map { $0 - $1 }
    var sum = value + interceptGradient * shift[0]
    sum += interceptCurvature * shift[0] * shift[0] / 2
    for row in gradient.indices {
      sum += (gradient[row] + cross[row] * shift[0]) * shift[row + 1]
      for column in gradient.indices {
        sum += curvature[row, column] * shift[row + 1] * shift[column + 1] / 2
      }
    }
    return sum
  }

  /// The minimum of expansion plus penalty: coordinate descent with covariances, then the exact
  /// solution for the signs it has found.
  func minimum(penalty: Double, mixing: Double) throws(BiostatisticsError) -> [Double] {
    let width = gradient.count
    var problem = LassoQuadratic(
      curvature: curvature,
      linear: gradient,
      start: Array(point.dropFirst()),
      absolute: penalty * mixing,
      squared: penalty * (1 - mixing)
    )
    // The intercept is minimised out.
    for row in 0..<width {
      let share = cross[row] / interceptCurvature
      problem.linear[row] -= share * interceptGradient
      for column in 0...row { problem.curvature[row, column] -= share * cross[column] }
    }
    let slopes = try problem.minimum()
    var intercept = point[0] - interceptGradient / interceptCurvature
    for row in 0..<width {
      intercept -= cross[row] * (slopes[row] - point[row + 1]) / interceptCurvature
    }
    return [intercept] + slopes
  }
}

/// ½ (b − s)ᵀ A (b − s) + cᵀ (b − s) + absolute Σ |b| + squared/2 Σ b².
struct LassoQuadratic {
  var curvature: SymmetricMatrix
  var linear: [Double]
  let start: [Double]
  let absolute: Double
  let squared: Double

  func minimum() throws(BiostatisticsError) -> [Double] {
    if absolute == 0 {
      return try exact(signs: [Double](repeating: 1, count: start.count)) ?? start
    }
    var slopes = start
    var gradient = linear
    for sweep in 0..<20_000 {
      let change = descend(&slopes, &gradient)
      guard change <= 1e-3 || sweep % 20 == 19 else { continue }
      let signs = slopes.map { $0 > 0 ? 1.0 : $0 < 0 ? -1 : 0 }
      if let solved = try exact(signs: signs), isMinimum(solved, signs) { return solved }
      if change <= 1e-14 { return slopes }
    }
    throw .notConverged(iterations: 20_000)
  }

  /// One sweep over the coordinates; the largest change.
  private func descend(_ slopes: inout [Double], _ gradient: inout [Double]) -> Double {
    var largest = 0.0
    for index in slopes.indices where curvature[index, index] > 0 {
      let before = slopes[index]
      let pull = curvature[index, index] * before - gradient[index]
      let size = abs(pull) - absolute
      let after =
        size > 0 ? (pull > 0 ? size : -size) / (curvature[index, index] + squared) : 0
      let change = after - before
      guard change != 0 else { continue }
      slopes[index] = after
      for other in slopes.indices { gradient[other] += curvature[other, index] * change }
      largest = max(largest, abs(change))
    }
    return largest
  }

  /// The minimum with the given signs, coefficients of sign 0 and of empty columns being 0; nil
  /// when their columns are dependent.
  private func exact(signs: [Double]) throws(BiostatisticsError) -> [Double]? {
    let active = signs.indices.filter { signs[$0] != 0 && curvature[$0, $0] > 0 }
    var result = [Double](repeating: 0, count: start.count)
    guard !active.isEmpty else { return result }
    var matrix = curvature.submatrix(active)
    for index in active.indices { matrix[index, index] += squared }
    guard let factor = try? Cholesky(matrix) else { return nil }
    let right = active.map { row in
      start.indices.reduce(-linear[row] - absolute * signs[row]) {
        $0 + curvature[row, $1] * start[$1]
      }
    }
    for (index, value) in zip(active, factor.solve(right)) { result[index] = value }
    return result
  }

  private func isMinimum(_ slopes: [Double], _ signs: [Double]) -> Bool {
    for row in slopes.indices where curvature[row, row] > 0 {
      if signs[row] != 0 {
        guard slopes[row] * signs[row] > 0 else { return false }
        continue
      }
      var gradient = linear[row]
      for column in slopes.indices {
        gradient += curvature[row, column] * (slopes[column] - start[column])
      }
      guard abs(gradient) <= absolute * (1 + 1e-12) else { return false }
    }
    return true
  }
}
