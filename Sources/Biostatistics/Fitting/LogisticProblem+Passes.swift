// SPDX-License-Identifier: Apache-2.0

/// The sums of one pass over all rows at one vector of coefficients.
struct LikelihoodSums {
  var logLikelihood: Double
  /// Xᵀ (weight × (outcome − p)) (shape: p).
  var score: [Double]
  /// Xᵀ diag(weight × p (1 − p)) X.
  var information: SymmetricMatrix
}

extension LogisticProblem {
  /// The likelihood and its derivatives.
  ///
  /// - Parameters:
  ///   - coefficients: The intercept's first (shape: p).
  ///   - limit: Rows whose predictor is larger, offset aside, add no information.
  /// - Returns: The sums over all rows.
  func sums(at coefficients: [Double], limit: Double? = nil) -> LikelihoodSums {
    let tile = RowTile(termCount: termCount, rows: rowCount)
    var score = [Double](repeating: 0, count: termCount)
    var matrix = [Double](repeating: 0, count: termCount * termCount)
    var logLikelihood = 0.0
    coefficients.withUnsafeBufferPointer { coefficients in
      score.withUnsafeMutableBufferPointer { score in
        matrix.withUnsafeMutableBufferPointer { matrix in
          guard let coefficients = coefficients.baseAddress, let score = score.baseAddress,
            let matrix = matrix.baseAddress
          else { return }
          forEachTile(tile) { _ in
            tile.predict(coefficients)
            logLikelihood += tile.evaluate()
            tile.addScore(score)
            if let limit { tile.dropInformation(above: limit) }
            tile.addInformation(UnsafePointer(tile.information), matrix)
          }
        }
      }
    }
    return LikelihoodSums(
      logLikelihood: logLikelihood,
      score: score,
      information: SymmetricMatrix(lowerTriangle: matrix, dimension: termCount)
    )
  }

  /// The score and the augmented information under Jeffreys' penalty, with the largest leverage.
  ///
  /// - Parameters:
  ///   - coefficients: The intercept's first (shape: p).
  ///   - factor: The factor of the information at the same coefficients.
  ///   - withInformation: Whether the augmented information is wanted too.
  /// - Returns: The penalised score, the augmented information, the largest leverage.
  func penalisedSums(
    at coefficients: [Double],
    factor: Cholesky,
    withInformation: Bool
  ) -> (score: [Double], information: SymmetricMatrix, largestLeverage: Double) {
    let tile = RowTile(termCount: termCount, rows: rowCount)
    var score = [Double](repeating: 0, count: termCount)
    var matrix = [Double](repeating: 0, count: termCount * termCount)
    var largest = 0.0
    coefficients.withUnsafeBufferPointer { coefficients in
      factor.lower.withUnsafeBufferPointer { factor in
        score.withUnsafeMutableBufferPointer { score in
          matrix.withUnsafeMutableBufferPointer { matrix in
            guard let coefficients = coefficients.baseAddress, let factor = factor.baseAddress,
              let score = score.baseAddress, let matrix = matrix.baseAddress
            else { return }
            forEachTile(tile) { _ in
              tile.predict(coefficients)
              tile.evaluate()
              largest = max(largest, tile.penalise(factor))
              tile.addScore(score)
              if withInformation {
                tile.addInformation(UnsafePointer(tile.information), matrix)
              }
            }
          }
        }
      }
    }
    let information = SymmetricMatrix(lowerTriangle: matrix, dimension: termCount)
    return (score, information, largest)
  }

  /// Σ w (1 − 2p) (xᵀd)² x, the third derivative along a direction (shape: p).
  func thirdDerivative(at coefficients: [Double], along direction: [Double]) -> [Double] {
    let tile = RowTile(termCount: termCount, rows: rowCount)
    var result = [Double](repeating: 0, count: termCount)
    coefficients.withUnsafeBufferPointer { coefficients in
      direction.withUnsafeBufferPointer { direction in
        result.withUnsafeMutableBufferPointer { result in
          guard let coefficients = coefficients.baseAddress, let direction = direction.baseAddress,
            let result = result.baseAddress
          else { return }
          forEachTile(tile) { _ in
            tile.predict(coefficients)
            tile.evaluate()
            tile.predict(direction, withOffset: false)
            for row in 0..<tile.count {
              let along = tile.predictor[row]
              tile.residuals[row] =
                tile.information[row] * (1 - 2 * tile.fitted[row]) * along * along
            }
            tile.addScore(result)
          }
        }
      }
    }
    return result
  }

  /// Xᵀ diag(weights) X.
  func crossProducts() -> SymmetricMatrix {
    let tile = RowTile(termCount: termCount, rows: rowCount)
    var matrix = [Double](repeating: 0, count: termCount * termCount)
    matrix.withUnsafeMutableBufferPointer { matrix in
      guard let matrix = matrix.baseAddress else { return }
      forEachTile(tile) { _ in tile.addInformation(tile.weights, matrix) }
    }
    return SymmetricMatrix(lowerTriangle: matrix, dimension: termCount)
  }

  /// Offset plus Σ βx for every row of the problem (shape: n).
  func linearPredictor(_ coefficients: [Double], withOffset: Bool = true) -> [Double] {
    let tile = RowTile(termCount: termCount, rows: rowCount)
    return [Double](unsafeUninitializedCapacity: rowCount) { buffer, filled in
      coefficients.withUnsafeBufferPointer { coefficients in
        guard let base = coefficients.baseAddress, let target = buffer.baseAddress else { return }
        forEachTile(tile) { rows in
          tile.predict(base, withOffset: withOffset)
          (target + filled).initialize(from: tile.predictor, count: rows)
          filled += rows
        }
      }
    }
  }

  /// The linear predictor, offset included, and the risk of every row of the problem.
  func predictions(_ coefficients: [Double]) -> (predictor: [Double], fitted: [Double]) {
    let tile = RowTile(termCount: termCount, rows: rowCount)
    var predictor: [Double] = []
    var fitted: [Double] = []
    predictor.reserveCapacity(rowCount)
    fitted.reserveCapacity(rowCount)
    coefficients.withUnsafeBufferPointer { coefficients in
      guard let base = coefficients.baseAddress else { return }
      forEachTile(tile) { rows in
        tile.predict(base)
        tile.evaluate()
        predictor.append(contentsOf: UnsafeBufferPointer(start: tile.predictor, count: rows))
        fitted.append(contentsOf: UnsafeBufferPointer(start: tile.fitted, count: rows))
      }
    }
    return (predictor, fitted)
  }

  /// The largest absolute Σ βx, offset aside.
  func largestShift(_ coefficients: [Double]) -> Double {
    let tile = RowTile(termCount: termCount, rows: rowCount)
    var largest = 0.0
    coefficients.withUnsafeBufferPointer { coefficients in
      guard let base = coefficients.baseAddress else { return }
      forEachTile(tile) { rows in
        tile.predict(base, withOffset: false)
        for row in 0..<rows { largest = max(largest, abs(tile.predictor[row])) }
      }
    }
    return largest
  }

  /// Loads one tile after the other; the closure is told how many rows it has.
  private func forEachTile(_ tile: RowTile, _ body: (Int) -> Void) {
    values.withUnsafeBufferPointer { values in
      outcomes.withUnsafeBufferPointer { outcomes in
        Self.withOptional(weights) { weights in
          Self.withOptional(offset) { offset in
            guard let outcomes = outcomes.baseAddress else { return }
            let source = RowSource(
              values: values.baseAddress ?? outcomes,
              stride: stride,
              outcomes: outcomes,
              weights: weights,
              offset: offset
            )
            for range in ranges {
              var start = range.lowerBound
              while start < range.upperBound {
                let rows = min(RowTile.capacity, range.upperBound - start)
                tile.load(source, start: start, rows: rows)
                body(rows)
                start += rows
              }
            }
          }
        }
      }
    }
  }

  private static func withOptional(
    _ values: [Double]?,
    _ body: (UnsafePointer<Double>?) -> Void
  ) {
    guard let values else { return body(nil) }
    values.withUnsafeBufferPointer { body($0.baseAddress) }
  }
}

extension RowTile {
  /// Sets the information of rows with a large predictor, offset aside, to 0.
  func dropInformation(above limit: Double) {
    for row in 0..<count where abs(predictor[row] - offset[row]) > limit {
      information[row] = 0
    }
  }
}
