// SPDX-License-Identifier: Apache-2.0

/// The choice of a penalty by cross-validation over given folds.
///
/// Each fold's rows are predicted from models fitted to the other rows at the penalties of the
/// path of all rows. A fold's loss is the mean over its rows; `meanLosses` and `standardErrors` weigh folds by their rows, the standard
/// error being √(weighted mean of (loss − mean)² / (folds − 1)).
///
/// Source: Friedman et al., J Stat Softw 2010;33(1):1–22, doi:10.18637/jss.v033.i01.
public struct PenalisedCrossValidation: Equatable, Sendable {
  /// What is averaged over the rows of a fold.
  public enum Loss: String, Equatable, Hashable, Codable, CaseIterable, Sendable {
    /// −2 log-likelihood, with risks held within [1e-5, 1 − 1e-5].
    case deviance
    /// The share of rows on the wrong side of a risk of one half; at one half: no event.
    case misclassification
    /// The squared error summed over event and no event: twice the Brier score.
    case squaredError
  }

  /// The path of all rows.
  public let path: PenalisedPath
  /// What was averaged.
  public let loss: Loss
  /// The mean loss at each penalty (shape: m).
  public let meanLosses: [Double]
  /// The standard error of each mean loss (shape: m).
  public let standardErrors: [Double]
  /// The position of the penalty with the smallest mean loss; the largest one in a tie.
  public let minimumIndex: Int
  /// The position of the largest penalty within one standard error of the smallest mean loss.
  public let oneStandardErrorIndex: Int

  /// The penalty with the smallest mean loss.
  public var minimumPenalty: Double { path.penalties[minimumIndex] }
  /// The largest penalty within one standard error of the smallest mean loss.
  public var oneStandardErrorPenalty: Double { path.penalties[oneStandardErrorIndex] }
  /// The coefficients at `minimumPenalty`, the intercept first.
  public var minimumCoefficients: [Double] { path.coefficients[minimumIndex] }
  /// The coefficients at `oneStandardErrorPenalty`, the intercept first.
  public var oneStandardErrorCoefficients: [Double] { path.coefficients[oneStandardErrorIndex] }

  /// Cross-validates a path.
  ///
  /// - Parameters:
  ///   - design: The predictors (shape: n × p).
  ///   - outcomes: Observed events (shape: n).
  ///   - folds: The fold of each row (shape: n), any whole numbers; at least three folds.
  ///   - loss: What is averaged.
  ///   - options: Penalties and accuracy.
  /// - Returns: The losses, and the two penalties they choose.
  /// - Throws: `tooFew` with fewer than three folds, `noEvents` or `noNonEvents` when the rows
  ///   outside a fold are all alike, or as `PenalisedPath.fit`.
  public static func measure(
    _ design: DesignMatrix,
    outcomes: [Bool],
    folds: [Int],
    loss: Loss = .deviance,
    options: PenalisedPathOptions = PenalisedPathOptions()
  ) throws(BiostatisticsError) -> PenalisedCrossValidation {
    try options.check()
    guard folds.count == design.rowCount else {
      throw .countsDiffer(expected: design.rowCount, found: folds.count)
    }
    let groups = RowGroups(folds)
    guard groups.keys.count >= 3 else {
      throw .tooFew(what: "folds", needed: 3, found: groups.keys.count)
    }
    let rows = try StandardisedRows(design, outcomes: outcomes, order: groups.order)
    let all = 0..<design.rowCount
    var path = try rows.path(ranges: [all], options: options)
    if options.mixing == 0 {
      // Without absolute penalty the largest λ has a solution of its own, which folds are given.
      path = try rows.path(ranges: [all], penalties: path.penalties, options: options)
    }
    var losses: [[Double]] = []
    for range in groups.ranges {
      let others = [0..<range.lowerBound, range.upperBound..<design.rowCount]
      let part = try rows.path(
        ranges: others.filter { !$0.isEmpty },
        penalties: path.penalties,
        options: options
      )
      let fold = rows.problem.restricted(to: [range])
      losses.append(
        part.coefficients.map {
          fold.loss(loss, at: rows.standardised($0)) / Double(range.count)
        }
      )
    }
    return summary(path, loss: loss, losses: losses, sizes: groups.ranges.map(\.count))
  }

  private static func summary(
    _ path: PenalisedPath,
    loss: Loss,
    losses: [[Double]],
    sizes: [Int]
  ) -> PenalisedCrossValidation {
    let total = Double(sizes.reduce(0, +))
    let shares = sizes.map { Double($0) / total }
    var means: [Double] = []
    var errors: [Double] = []
    for index in path.penalties.indices {
      let mean = zip(losses, shares).reduce(0) { $0 + $1.0[index] * $1.1 }
      let spread = zip(losses, shares).reduce(0) { sum, fold in
        let deviation = fold.0[index] - mean
        return sum + deviation * deviation * fold.1
      }
      means.append(mean)
      errors.append((spread / Double(sizes.count - 1)).squareRoot())
    }
    let smallest = means.min() ?? 0
    let minimum = means.firstIndex { $0 <= smallest } ?? 0
    let bound = means[minimum] + errors[minimum]
    return PenalisedCrossValidation(
      path: path,
      loss: loss,
      meanLosses: means,
      standardErrors: errors,
      minimumIndex: minimum,
      oneStandardErrorIndex: means.firstIndex { $0 <= bound } ?? minimum
    )
  }
}

extension LogisticProblem {
  /// The loss of the problem's rows at given coefficients.
  func loss(_ loss: PenalisedCrossValidation.Loss, at coefficients: [Double]) -> Double {
    let predictor = linearPredictor(coefficients)
    let observed = ranges.flatMap { outcomes[$0] }
    var sum = 0.0
    switch loss {
    case .deviance:
      let limit = Logit.of(1 - 1e-5)
      for (eta, outcome) in zip(predictor, observed) {
        let bounded = min(max(eta, -limit), limit)
        sum += 2 * logOnePlusExp(outcome == 1 ? -bounded : bounded)
      }
    case .misclassification:
      for (eta, outcome) in zip(predictor, observed) where (eta > 0) != (outcome == 1) { sum += 1 }
    case .squaredError:
      for (eta, outcome) in zip(predictor, observed) {
        let error = outcome - Logit.inverse(eta)
        sum += 2 * error * error
      }
    }
    return sum
  }
}

/// Rows ordered by a key, so that the rows of each key lie together.
struct RowGroups {
  /// The distinct keys, ascending.
  let keys: [Int]
  /// The positions of the rows, key after key, in their own order within one.
  let order: [Int]
  /// Where the rows of each key lie in `order`.
  let ranges: [Range<Int>]

  init(_ labels: [Int]) {
    var counts: [Int: Int] = [:]
    for label in labels { counts[label, default: 0] += 1 }
    let keys = counts.keys.sorted()
    var next: [Int: Int] = [:]
    var ranges: [Range<Int>] = []
    var start = 0
    for key in keys {
      let end = start + (counts[key] ?? 0)
      ranges.append(start..<end)
      next[key] = start
      start = end
    }
    var order = [Int](repeating: 0, count: labels.count)
    for (row, label) in labels.enumerated() {
      let position = next[label] ?? 0
      order[position] = row
      next[label] = position + 1
    }
    self.keys = keys
    self.order = order
    self.ranges = ranges
  }
}
