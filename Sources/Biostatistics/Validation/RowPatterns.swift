// SPDX-License-Identifier: Apache-2.0

/// The distinct rows of a problem, outcome included, with how many patients each stands for.
///
/// A resample is then a vector of frequencies, and the columns stay where they are.
struct RowPatterns: Sendable {
  /// The problem of the distinct rows, without weights.
  let problem: LogisticProblem
  /// The pattern of each row of the original (shape: n).
  let patternOfRow: [Int32]
  /// The patients of each pattern (shape: patterns).
  let counts: [Double]

  init(_ original: LogisticProblem) {
    let count = original.rowCount
    let width = original.termCount - 1
    var positions: [[Double]: Int32] = [:]
    var first: [Int] = []
    var pattern = [Int32](repeating: 0, count: count)
    var isContinuous = false
    for row in 0..<count {
      var key = (0..<width).map { original.values[$0 * count + row] }
      key.append(original.outcomes[row])
      if let known = positions[key] {
        pattern[row] = known
      } else {
        let next = Int32(first.count)
        positions[key] = next
        pattern[row] = next
        first.append(row)
      }
      // Continuous columns: nothing to gain.
      if row == 1023, first.count > 900 {
        isContinuous = true
        break
      }
    }
    guard !isContinuous, first.count < (count > 1024 ? count / 2 : count) else {
      problem = original
      patternOfRow = (0..<Int32(count)).map { $0 }
      counts = [Double](repeating: 1, count: count)
      return
    }
    var values: [Double] = []
    values.reserveCapacity(width * first.count)
    for column in 0..<width {
      for row in first { values.append(original.values[column * count + row]) }
    }
    problem = LogisticProblem(
      terms: original.terms,
      values: values,
      outcomes: first.map { original.outcomes[$0] },
      weights: nil
    )
    patternOfRow = pattern
    var counts = [Double](repeating: 0, count: first.count)
    for index in pattern { counts[Int(index)] += 1 }
    self.counts = counts
  }

  /// The patterns' problem with other frequencies.
  func problem(weights: [Double]) -> LogisticProblem {
    LogisticProblem(
      terms: problem.terms,
      values: problem.values,
      outcomes: problem.outcomes,
      weights: weights
    )
  }

  /// The patterns that occur in a resample, about two thirds of them, with their frequencies.
  func occurring(weights: [Double]) -> LogisticProblem {
    let rows = weights.indices.filter { weights[$0] > 0 }
    let width = problem.termCount - 1
    let count = counts.count
    let values = [Double](unsafeUninitializedCapacity: width * rows.count) { target, filled in
      problem.values.withUnsafeBufferPointer { values in
        for column in 0..<width {
          for row in rows {
            target.initializeElement(at: filled, to: values[column * count + row])
            filled += 1
          }
        }
      }
    }
    return LogisticProblem(
      terms: problem.terms,
      values: values,
      outcomes: rows.map { problem.outcomes[$0] },
      weights: rows.map { weights[$0] }
    )
  }

  /// The frequencies of a resample given by row positions.
  func weights(rows: [Int]) -> [Double] {
    var weights = [Double](repeating: 0, count: counts.count)
    for row in rows { weights[Int(patternOfRow[row])] += 1 }
    return weights
  }

  /// The frequencies of a resample of as many rows as the original, drawn from a stream.
  func weights(_ stream: ResamplingStream) -> [Double] {
    var stream = stream
    var weights = [Double](repeating: 0, count: counts.count)
    let count = patternOfRow.count
    for _ in 0..<count { weights[Int(patternOfRow[stream.next(below: count)])] += 1 }
    return weights
  }
}
