// SPDX-License-Identifier: Apache-2.0

/// A few hundred rows of a problem, small enough to stay in the processor's first cache, with
/// room for what is computed from them.
///
/// Owns its memory, which `deinit` frees. Rows beyond the last are zeros with weight 0, so that
/// loops run over whole lanes.
final class RowTile {
  static let capacity = 256

  let termCount: Int
  /// The most rows it holds, a multiple of four.
  let size: Int
  /// Whether weights were given; else they are 1, and 0 beyond the last row.
  private(set) var hasWeights = false
  /// The rows in use, rounded up to whole lanes.
  private(set) var count = 0
  /// The pointers to the columns of the current rows, the intercept's first.
  let columns: UnsafeMutablePointer<UnsafePointer<Double>>
  private(set) var outcomes: UnsafePointer<Double>
  private(set) var weights: UnsafePointer<Double>
  private(set) var offset: UnsafePointer<Double>
  let predictor: UnsafeMutablePointer<Double>
  let residuals: UnsafeMutablePointer<Double>
  let information: UnsafeMutablePointer<Double>
  let fitted: UnsafeMutablePointer<Double>
  /// One column's product with row weights.
  let product: UnsafeMutablePointer<Double>
  /// Room for all columns: padded copies of the last rows.
  private let padded: UnsafeMutablePointer<Double>
  /// Room for all columns: the solved columns of the row forms.
  let solved: UnsafeMutablePointer<Double>
  private let ones: UnsafeMutablePointer<Double>
  private let zeros: UnsafeMutablePointer<Double>
  private let room: UnsafeMutablePointer<Double>

  /// Makes room for columns and for as many rows as a problem has, up to the capacity.
  init(termCount: Int, rows: Int) {
    self.termCount = termCount
    size = min(Self.capacity, max(4, (rows + 3) & ~3))
    room = .allocate(capacity: size * (2 * termCount + 10))
    padded = room
    solved = room + size * (termCount + 3)
    predictor = solved + size * termCount
    residuals = predictor + size
    information = residuals + size
    fitted = information + size
    product = fitted + size
    ones = product + size
    zeros = ones + size
    // The rest is written before it is read.
    zeros.initialize(repeating: 0, count: size)
    ones.initialize(repeating: 1, count: size)
    columns = .allocate(capacity: termCount)
    columns.initialize(repeating: UnsafePointer(ones), count: termCount)
    outcomes = UnsafePointer(zeros)
    weights = UnsafePointer(ones)
    offset = UnsafePointer(zeros)
  }

  deinit {
    room.deallocate()
    columns.deallocate()
  }

  /// Points the tile at rows `start..<start + rows`, or at padded copies of them.
  func load(_ source: RowSource, start: Int, rows: Int) {
    let isWhole = rows % 4 == 0
    count = (rows + 3) & ~3
    for term in 1..<max(1, termCount) {
      let from = source.values + (term - 1) * source.stride + start
      columns[term] = isWhole ? from : pad(from, rows, slot: term)
    }
    let from = source.outcomes + start
    outcomes = isWhole ? from : pad(from, rows, slot: 0)
    hasWeights = source.weights != nil
    if let given = source.weights {
      weights = isWhole ? given + start : pad(given + start, rows, slot: termCount)
    } else {
      weights = isWhole ? UnsafePointer(ones) : pad(UnsafePointer(ones), rows, slot: termCount)
    }
    if let given = source.offset {
      offset = isWhole ? given + start : pad(given + start, rows, slot: termCount + 1)
    }
  }

  private func pad(
    _ from: UnsafePointer<Double>,
    _ rows: Int,
    slot: Int
  ) -> UnsafePointer<Double> {
    let target = padded + slot * size
    target.update(from: from, count: rows)
    for index in rows..<(rows + 3) & ~3 { target[index] = 0 }
    return UnsafePointer(target)
  }
}

/// Where the rows of a problem lie in memory, while a closure runs.
struct RowSource {
  let values: UnsafePointer<Double>
  let stride: Int
  let outcomes: UnsafePointer<Double>
  let weights: UnsafePointer<Double>?
  let offset: UnsafePointer<Double>?
}

extension RowTile {
  /// Fills `predictor` with offset + Σ βx.
  func predict(_ coefficients: UnsafePointer<Double>, withOffset: Bool = true) {
    let intercept = Lanes(repeating: coefficients[0])
    var row = 0
    while row < count {
      predictor.store(withOffset ? offset.lanes(row) + intercept : intercept, at: row)
      row += 4
    }
    for term in 1..<max(1, termCount) {
      let coefficient = Lanes(repeating: coefficients[term])
      let column = columns[term]
      row = 0
      while row < count {
        predictor.store(predictor.lanes(row) + coefficient * column.lanes(row), at: row)
        row += 4
      }
    }
  }

  /// Fills residuals, information and risks from the predictor; the sum of log-likelihoods.
  ///
  /// With unit weights, Σ log(1 + e^−|η|) is the logarithm of a product of at most 64 factors
  /// between 1 and 2 in each lane.
  @inline(__always)
  @discardableResult
  func evaluate() -> Double {
    hasWeights ? evaluateWeighted() : evaluateUnweighted()
  }

  @inline(__always)
  private func evaluateUnweighted() -> Double {
    var product = Lanes(repeating: 1)
    var sum = Lanes(repeating: 0)
    var row = 0
    while row < count {
      let weight = weights.lanes(row)
      let parts = store(row, weight)
      product *= 1 + weight * parts.odds
      sum += weight * parts.excess
      row += 4
    }
    let logarithms = (0..<4).reduce(0) { $0 + log(product[$1]) }
    return -(sum.sum() + logarithms)
  }

  @inline(__always)
  private func evaluateWeighted() -> Double {
    var sum = Lanes(repeating: 0)
    var row = 0
    while row < count {
      let weight = weights.lanes(row)
      let parts = store(row, weight)
      sum -= weight * (parts.excess + LogisticLanes.logOnePlus(parts.odds))
      row += 4
    }
    return sum.sum()
  }

  @inline(__always)
  private func store(_ row: Int, _ weight: Lanes) -> LogisticLanes {
    let parts = LogisticLanes(
      predictor: predictor.lanes(row),
      outcome: outcomes.lanes(row),
      weight: weight
    )
    residuals.store(parts.residual, at: row)
    information.store(parts.information, at: row)
    fitted.store(parts.fitted, at: row)
    return parts
  }

  /// Adds Xᵀ residuals to the score.
  func addScore(_ score: UnsafeMutablePointer<Double>) {
    addProducts(UnsafePointer(residuals), to: score, termCount)
  }

  /// Adds Xᵀ diag(row weights) X to the lower triangle of a matrix stored row after row.
  func addInformation(
    _ rowWeights: UnsafePointer<Double>,
    _ matrix: UnsafeMutablePointer<Double>
  ) {
    for term in 0..<termCount {
      let column = columns[term]
      var row = 0
      while row < count {
        product.store(rowWeights.lanes(row) * column.lanes(row), at: row)
        row += 4
      }
      addProducts(UnsafePointer(product), to: matrix + term * termCount, term + 1)
    }
  }

  /// Adds the dot products of a vector with the first columns, four columns at a time.
  private func addProducts(
    _ vector: UnsafePointer<Double>,
    to sums: UnsafeMutablePointer<Double>,
    _ width: Int
  ) {
    var term = 0
    while term + 4 <= width {
      let (a, b, c, d) = (columns[term], columns[term + 1], columns[term + 2], columns[term + 3])
      var (first, second) = (Lanes(repeating: 0), Lanes(repeating: 0))
      var (third, fourth) = (Lanes(repeating: 0), Lanes(repeating: 0))
      var row = 0
      while row < count {
        let value = vector.lanes(row)
        first += value * a.lanes(row)
        second += value * b.lanes(row)
        third += value * c.lanes(row)
        fourth += value * d.lanes(row)
        row += 4
      }
      sums[term] += first.sum()
      sums[term + 1] += second.sum()
      sums[term + 2] += third.sum()
      sums[term + 3] += fourth.sum()
      term += 4
    }
    while term < width {
      let column = columns[term]
      var sum = Lanes(repeating: 0)
      var row = 0
      while row < count {
        sum += vector.lanes(row) * column.lanes(row)
        row += 4
      }
      sums[term] += sum.sum()
      term += 1
    }
  }
}

extension RowTile {
  /// Turns residuals into those of Jeffreys' penalty and information into the augmented one;
  /// the largest leverage.
  ///
  /// The leverage of a row is w xᵀ (L Lᵀ)⁻¹ x. The penalty acts like h/2 further patients with
  /// and without the event in every row.
  func penalise(_ factor: UnsafePointer<Double>) -> Double {
    for row in 0..<count { product[row] = 0 }
    for term in 0..<termCount { solve(term, factor + term * termCount) }
    var largest = Lanes(repeating: 0)
    var row = 0
    while row < count {
      let weight = information.lanes(row)
      let leverage = weight * product.lanes(row)
      residuals.store(residuals.lanes(row) + leverage * (0.5 - fitted.lanes(row)), at: row)
      let given = weights.lanes(row)
      let share = weight / given.replacing(with: 1, where: given .== 0)
      information.store(weight + leverage * share, at: row)
      largest = largest.replacing(with: leverage, where: leverage .> largest)
      row += 4
    }
    return largest.max()
  }

  /// Column `term` of L Y = Xᵀ, whose square is added to `product`.
  private func solve(_ term: Int, _ factor: UnsafePointer<Double>) {
    let target = solved + term * size
    let column = columns[term]
    let inverse = Lanes(repeating: 1 / factor[term])
    var row = 0
    while row < count {
      var value = column.lanes(row)
      for earlier in 0..<term {
        value -= factor[earlier] * (solved + earlier * size).lanes(row)
      }
      value *= inverse
      target.store(value, at: row)
      product.store(product.lanes(row) + value * value, at: row)
      row += 4
    }
  }
}
