// SPDX-License-Identifier: Apache-2.0

/// The maximum of a smooth function of few parameters, by Newton steps on differences.
struct CurvedMaximum {
  let place: [Double]
  let value: Double
  /// The factor of the negative second derivatives at the maximum.
  let factor: Cholesky
  let iterations: Int

  /// Finds the maximum.
  ///
  /// - Parameters:
  ///   - start: Where to begin.
  ///   - scales: About how far each parameter moves the function by one half, for differences.
  ///   - function: The function.
  /// - Returns: The maximum with its curvature.
  /// - Throws: `notConverged` or `notPositiveDefinite`.
  static func find(
    start: [Double],
    scales: [Double],
    of function: ([Double]) -> Double
  ) throws(BiostatisticsError) -> CurvedMaximum {
    let limit = 100
    var place = start
    var value = function(place)
    for iteration in 1...limit {
      let slopes = gradient(function, place, scales)
      let curvature = hessian(function, place, value, scales)
      let factor = try positive(curvature, scales)
      let step = factor.solve(slopes)
      let decrement = zip(slopes, step).reduce(0) { $0 + $1.0 * $1.1 }
      if decrement <= 1e-16 * (1 + abs(value)) {
        return CurvedMaximum(
          place: place,
          value: value,
          factor: try Cholesky(curvature),
          iterations: iteration
        )
      }
      var length = 1.0
      var isBetter = false
      for _ in 0..<40 where !isBetter {
        let trial = zip(place, step).map { $0 + length * $1 }
        let next = function(trial)
        if next.isFinite, next >= value - 1e-13 * (1 + abs(value)) {
          (place, value, isBetter) = (trial, next, true)
        }
        length /= 2
      }
      guard isBetter else { throw .notConverged(iterations: iteration) }
    }
    throw .notConverged(iterations: limit)
  }

  /// First derivatives by differences over four points.
  private static func gradient(
    _ function: ([Double]) -> Double,
    _ place: [Double],
    _ scales: [Double]
  ) -> [Double] {
    place.indices.map { index in
      let width = 1e-2 * scales[index]
      func at(_ steps: Double) -> Double {
        var moved = place
        moved[index] += steps * width
        return function(moved)
      }
      return (8 * (at(1) - at(-1)) - (at(2) - at(-2))) / (12 * width)
    }
  }

  /// Negative second derivatives by central differences.
  private static func hessian(
    _ function: ([Double]) -> Double,
    _ place: [Double],
    _ value: Double,
    _ scales: [Double]
  ) -> SymmetricMatrix {
    var result = SymmetricMatrix(dimension: place.count)
    func at(_ row: Int, _ first: Double, _ column: Int, _ second: Double) -> Double {
      var moved = place
      moved[row] += first * 1e-2 * scales[row]
      moved[column] += second * 1e-2 * scales[column]
      return function(moved)
    }
    for row in place.indices {
      let square = 1e-4 * scales[row] * scales[row]
      let near = at(row, 1, row, 0) + at(row, -1, row, 0) - 2 * value
      let far = at(row, 2, row, 0) + at(row, -2, row, 0) - 2 * value
      result[row, row] = -(16 * near - far) / (12 * square)
      for column in 0..<row {
        let mixed =
          at(row, 1, column, 1) - at(row, 1, column, -1) - at(row, -1, column, 1)
          + at(row, -1, column, -1)
        result[row, column] = -mixed / (4e-4 * scales[row] * scales[column])
      }
    }
    return result
  }

  /// The factor of the curvature, made positive where the function is not yet concave.
  private static func positive(
    _ curvature: SymmetricMatrix,
    _ scales: [Double]
  ) throws(BiostatisticsError) -> Cholesky {
    if let factor = try? Cholesky(curvature) { return factor }
    for power in 0..<30 {
      var safe = curvature
      for index in scales.indices {
        safe[index, index] += 1e-3 * Double(1 << power) / (scales[index] * scales[index])
      }
      if let factor = try? Cholesky(safe) { return factor }
    }
    throw .notPositiveDefinite
  }
}
