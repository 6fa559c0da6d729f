// SPDX-License-Identifier: Apache-2.0

/// Local quadratic regression on one predictor with tricube weights.
///
/// Rows that share a value of x are one point with a weight, so the work goes with the number of
/// distinct values. Where too few distinct values have weight for a parabola, a line or a mean is
/// fitted.
struct LocalRegression {
  /// Distinct values of x, rising.
  let x: [Double]
  /// The number of rows at each value.
  let counts: [Double]
  /// The mean of y at each value.
  let means: [Double]
  /// The number of rows.
  let total: Double
  /// The number of rows that a neighbourhood holds.
  let neighbours: Double

  /// One local fit.
  struct Fit {
    /// The fitted value.
    var value: Double
    /// The slope of the fitted parabola.
    var slope: Double
    /// The weight of a row at this place in its own fit.
    var leverage: Double
    /// The sum of squares of all rows' weights in the fit.
    var squaredNorm: Double
  }

  init(x values: [Double], y: [Double], span: Double) {
    let order = values.indices.sorted { values[$0] < values[$1] }
    var (x, counts, sums) = ([Double](), [Double](), [Double]())
    for row in order {
      if let last = x.last, last == values[row] {
        counts[counts.count - 1] += 1
        sums[sums.count - 1] += y[row]
      } else {
        x.append(values[row])
        counts.append(1)
        sums.append(y[row])
      }
    }
    self.x = x
    self.counts = counts
    means = zip(sums, counts).map { $0 / $1 }
    total = Double(values.count)
    neighbours = min(total, max(1, (total * span + 1e-5).rounded(.down)))
  }

  /// The fit at one place.
  func fit(at place: Double) -> Fit {
    let (range, radius) = neighbourhood(of: place)
    guard radius > 0 else {
      let near = range.lowerBound
      return Fit(
        value: means[near],
        slope: 0,
        leverage: 1 / counts[near],
        squaredNorm: 1 / counts[near]
      )
    }
    var weights: [Double] = []
    weights.reserveCapacity(range.count)
    // Σ w uᵏ for k up to 4 and Σ w y uᵏ for k up to 2, u in units of the radius.
    var moments = SIMD8<Double>(repeating: 0)
    var products = SIMD4<Double>(repeating: 0)
    var weighted = 0
    for index in range {
      let u = (x[index] - place) / radius
      let distance = abs(u)
      let cube = 1 - distance * distance * distance
      let weight = distance < 1 ? cube * cube * cube : 0
      weights.append(weight)
      guard weight > 0 else { continue }
      weighted += 1
      let mass = weight * counts[index]
      let square = u * u
      moments += mass * SIMD8(1, u, square, square * u, square * square, 0, 0, 0)
      products += mass * means[index] * SIMD4(1, u, square, 0)
    }
    for degree in stride(from: min(2, weighted - 1), through: 0, by: -1) {
      var matrix = SymmetricMatrix(dimension: degree + 1)
      for row in 0...degree {
        for column in 0...row { matrix[row, column] = moments[row + column] }
      }
      guard let factor = try? Cholesky(matrix) else { continue }
      let solution = factor.solve((0...degree).map { products[$0] })
      let unit = factor.solve((0...degree).map { $0 == 0 ? 1 : 0 })
      return Fit(
        value: solution[0],
        slope: degree > 0 ? solution[1] / radius : 0,
        leverage: unit[0],
        squaredNorm: norm(of: unit, range, weights: weights, place: place, radius: radius)
      )
    }
    return Fit(value: means[range.lowerBound], slope: 0, leverage: 1, squaredNorm: 1)
  }

  /// The sum of squares of all rows' weights in a fit, from its solution for a unit.
  private func norm(
    of unit: [Double],
    _ range: Range<Int>,
    weights: [Double],
    place: Double,
    radius: Double
  ) -> Double {
    let second = unit.count > 1 ? unit[1] : 0
    let third = unit.count > 2 ? unit[2] : 0
    var sum = 0.0
    for (position, index) in range.enumerated() where weights[position] > 0 {
      let u = (x[index] - place) / radius
      let basis = unit[0] + second * u + third * u * u
      sum += counts[index] * weights[position] * weights[position] * basis * basis
    }
    return sum
  }

  /// The values around a place that hold enough rows, and the distance of the last.
  private func neighbourhood(of place: Double) -> (Range<Int>, Double) {
    var low = 0
    var high = x.count
    while low < high {
      let middle = (low + high) / 2
      if x[middle] < place { low = middle + 1 } else { high = middle }
    }
    var (start, end) = (low, low)
    var held = 0.0
    var radius = 0.0
    while held < neighbours {
      let before = start > 0 ? place - x[start - 1] : .infinity
      let after = end < x.count ? x[end] - place : .infinity
      if before < after {
        start -= 1
        held += counts[start]
        radius = before
      } else {
        held += counts[end]
        radius = after
        end += 1
      }
    }
    return (start..<end, radius)
  }
}

/// A curve through places with known value and slope: cubic between them.
struct HermiteCurve {
  let places: [Double]
  let values: [Double]
  let slopes: [Double]

  /// The value at a place inside the curve.
  func value(at place: Double) -> Double {
    var low = 0
    var high = places.count - 1
    while high - low > 1 {
      let middle = (low + high) / 2
      if places[middle] < place { low = middle } else { high = middle }
    }
    let width = places[high] - places[low]
    guard width > 0 else { return values[low] }
    let h = (place - places[low]) / width
    let rest = 1 - h
    return rest * rest * (1 + 2 * h) * values[low] + h * h * (3 - 2 * h) * values[high]
      + (h * rest * rest * slopes[low] - h * h * rest * slopes[high]) * width
  }
}
