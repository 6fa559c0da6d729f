// SPDX-License-Identifier: Apache-2.0

/// The distances of risks from a linear smooth without robustness steps, as rms' val.prob gives
/// them.
///
/// Local lines over two thirds of the patients; within a hundredth of the range lines are fitted
/// once and interpolated. Differs from `SmoothCalibration`, which is quadratic.
///
/// Source: Cleveland, J Am Stat Assoc 1979;74:829–836, doi:10.1080/01621459.1979.10481038;
/// Harrell, Regression Modeling Strategies, 2nd edition, 2015, chapter 10.
public struct LowessCalibration: Equatable, Sendable {
  /// Risks in rising order (shape: n).
  public let risks: [Double]
  /// The smoothed share of events at each (shape: n).
  public let smoothed: [Double]
  /// The mean of |smoothed − risk|.
  public let meanError: Double
  /// The 90th percentile of |smoothed − risk|, type 7.
  public let ninetiethError: Double
  /// The largest |smoothed − risk|.
  public let largestError: Double

  /// Smooths outcomes over risks.
  ///
  /// - Parameters:
  ///   - risks: Predicted probabilities (shape: n), each in [0, 1].
  ///   - outcomes: Observed events (shape: n).
  /// - Throws: `tooFew` with fewer than two patients, or a refusal of malformed input.
  public init(risks: [Double], outcomes: [Bool]) throws(BiostatisticsError) {
    try RiskChecks.check(risks: risks, outcomes: outcomes)
    guard risks.count > 1 else {
      throw .tooFew(what: "patients", needed: 2, found: risks.count)
    }
    let order = TimeOrder.ascending(risks)
    let sorted = order.map { risks[$0] }
    let smooth = Lowess(x: sorted, y: order.map { outcomes[$0] ? 1 : 0 }).smooth()
    let errors = zip(smooth, sorted).map { abs($0 - $1) }
    self.risks = sorted
    smoothed = smooth
    meanError = errors.reduce(0, +) / Double(errors.count)
    ninetiethError = try Quantile.type7(errors, 0.9)
    largestError = errors.max() ?? 0
  }
}

/// Locally weighted lines over rising x.
private struct Lowess {
  let x: [Double]
  let y: [Double]

  func smooth(share: Double = 2.0 / 3) -> [Double] {
    let count = x.count
    let size = max(2, min(count, Int(share * Double(count) + 1e-7)))
    let gap = 0.01 * (x[count - 1] - x[0])
    var result = y
    var (left, right) = (0, size - 1)
    var last = -1
    var row = 0
    while last < count - 1 {
      while right < count - 1, x[row] - x[left] > x[right + 1] - x[row] {
        left += 1
        right += 1
      }
      result[row] = line(at: row, left: left, right: right) ?? y[row]
      if last >= 0, last < row - 1 {
        for between in last + 1..<row {
          let share = (x[between] - x[last]) / (x[row] - x[last])
          result[between] = share * result[row] + (1 - share) * result[last]
        }
      }
      last = row
      var next = last + 1
      while next < count, x[next] <= x[row] + gap {
        if x[next] == x[last] {
          result[next] = result[last]
          last = next
        }
        next += 1
      }
      row = max(last + 1, next - 1)
    }
    return result
  }

  /// The line fitted around one row, at that row; nil when nothing has weight.
  private func line(at row: Int, left: Int, right: Int) -> Double? {
    let place = x[row]
    let radius = max(place - x[left], x[right] - place)
    var end = left
    var weights: [Double] = []
    var total = 0.0
    while end < x.count {
      let distance = abs(x[end] - place)
      if distance <= 0.999 * radius {
        let ratio = radius > 0 ? distance / radius : 0
        let cube = 1 - ratio * ratio * ratio
        let weight = distance <= 0.001 * radius ? 1 : cube * cube * cube
        weights.append(weight)
        total += weight
      } else {
        if x[end] > place { break }
        weights.append(0)
      }
      end += 1
    }
    guard total > 0 else { return nil }
    let rows = left..<end
    var (center, sum, value) = (0.0, 0.0, 0.0)
    for (weight, index) in zip(weights, rows) { center += weight / total * x[index] }
    for (weight, index) in zip(weights, rows) {
      sum += weight / total * (x[index] - center) * (x[index] - center)
    }
    let isSloped = radius > 0 && sum.squareRoot() > 0.001 * (x[x.count - 1] - x[0])
    let slope = isSloped ? (place - center) / sum : 0
    for (weight, index) in zip(weights, rows) {
      value += weight / total * (1 + slope * (x[index] - center)) * y[index]
    }
    return value
  }
}
