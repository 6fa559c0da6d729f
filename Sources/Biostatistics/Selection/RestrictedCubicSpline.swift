// SPDX-License-Identifier: Apache-2.0

/// A cubic spline that is linear beyond its outer knots.
///
/// With knots t₁ … t_k the columns are x itself and, for j = 1 … k − 2,
/// ((x − t_j)₊³ − (x − t_{k−1})₊³ (t_k − t_j)/(t_k − t_{k−1}) + (x − t_k)₊³ (t_{k−1} − t_j)/
/// (t_k − t_{k−1})), divided by (t_k − t₁)² unless `scaling` says otherwise.
///
/// Source: Harrell, Regression Modeling Strategies, 2nd edition, 2015, section 2.4.5,
/// doi:10.1007/978-3-319-19425-7; Durrleman & Simon, Stat Med 1989;8:551–561,
/// doi:10.1002/sim.4780080504.
public struct RestrictedCubicSpline: Equatable, Sendable {
  /// What the nonlinear columns are divided by.
  public enum Scaling: String, Equatable, Hashable, Codable, Sendable {
    /// The squared distance of the outer knots, so that columns have the unit of x.
    case squaredRange
    /// Nothing.
    case none
  }

  /// The knots, ascending, at least three.
  public let knots: [Double]
  /// What the nonlinear columns are divided by.
  public let scaling: Scaling

  /// Makes a spline with given knots.
  ///
  /// - Throws: `tooFew` with fewer than three knots, `notFinite`, or `outOfRange` unless they
  ///   ascend.
  public init(knots: [Double], scaling: Scaling = .squaredRange) throws(BiostatisticsError) {
    guard knots.count >= 3 else { throw .tooFew(what: "knots", needed: 3, found: knots.count) }
    for (position, knot) in knots.enumerated() {
      guard knot.isFinite else { throw .notFinite(input: "knots", position: position) }
      guard position == 0 || knot > knots[position - 1] else {
        throw .outOfRange(parameter: "knots", value: knot)
      }
    }
    self.knots = knots
    self.scaling = scaling
  }

  /// Makes a spline with knots at Harrell's quantiles (type 7) of the values.
  ///
  /// With fewer than 100 values the outer knots are the fifth smallest and the fifth largest.
  ///
  /// - Parameters:
  ///   - values: The column (shape: n).
  ///   - knotCount: 3 to 7.
  ///   - scaling: What the nonlinear columns are divided by.
  /// - Throws: `outOfRange` for another number of knots, `notFinite`, `tooFew` with fewer than
  ///   ten values or when ties leave fewer distinct knots.
  public init(
    values: [Double],
    knotCount: Int,
    scaling: Scaling = .squaredRange
  ) throws(BiostatisticsError) {
    guard let shares = Self.quantiles[knotCount] else {
      throw .outOfRange(parameter: "knotCount", value: Double(knotCount))
    }
    guard values.count >= 10 else {
      throw .tooFew(what: "values", needed: 10, found: values.count)
    }
    if let position = values.firstIndex(where: { !$0.isFinite }) {
      throw .notFinite(input: "values", position: position)
    }
    let sorted = values.sorted()
    var knots: [Double] = []
    for share in shares { knots.append(try Quantile.type7(sorted, share)) }
    if values.count < 100 {
      knots[0] = sorted[4]
      knots[knotCount - 1] = sorted[values.count - 5]
    }
    let distinct = zip(knots, knots.dropFirst()).count { $0 < $1 } + 1
    guard distinct == knotCount else {
      throw .tooFew(what: "distinct knots", needed: knotCount, found: distinct)
    }
    try self.init(knots: knots, scaling: scaling)
  }

  private static let quantiles: [Int: [Double]] = [
    3: [0.1, 0.5, 0.9],
    4: [0.05, 0.35, 0.65, 0.95],
    5: [0.05, 0.275, 0.5, 0.725, 0.95],
    6: [0.05, 0.23, 0.41, 0.59, 0.77, 0.95],
    7: [0.025, 0.1833, 0.3417, 0.5, 0.6583, 0.8167, 0.975],
  ]

  /// The columns of the spline: the values themselves, then k − 2 nonlinear columns.
  ///
  /// - Parameter values: The column (shape: n).
  /// - Returns: The columns (shape: k − 1 × n).
  public func columns(_ values: [Double]) -> [[Double]] {
    let count = knots.count
    let (last, before) = (knots[count - 1], knots[count - 2])
    let divisor: Double
    switch scaling {
    case .squaredRange: divisor = (last - knots[0]) * (last - knots[0])
    case .none: divisor = 1
    }
    var result = [values]
    for knot in knots.dropLast(2) {
      let outer = (last - knot) / (last - before)
      let inner = (before - knot) / (last - before)
      result.append(
        values.map { x in
          (Self.cube(x - knot) - Self.cube(x - before) * outer + Self.cube(x - last) * inner)
            / divisor
        }
      )
    }
    return result
  }

  private static func cube(_ x: Double) -> Double { x > 0 ? x * x * x : 0 }
}
