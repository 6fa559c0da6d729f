// SPDX-License-Identifier: Apache-2.0
import Foundation

/// How a predictor's value becomes terms of the linear predictor.
///
/// JSON: `{"kind": "threshold", "at_least": 1.418}`, `{"kind": "linear"}`,
/// `{"kind": "logarithm"}`, `{"kind": "restricted_cubic_spline", "knots": […]}`.
public enum Transform: Hashable, Sendable {
  /// 1 when the value is at least the threshold, else 0.
  case threshold(atLeast: Double)
  /// The value itself.
  case linear
  /// The natural logarithm; defined for positive values alone.
  case logarithm
  /// Harrell's restricted cubic spline: linear beyond the outer knots, `knots − 1` terms.
  ///
  /// Source: Harrell, Regression Modeling Strategies, 2nd ed. 2015, §2.4.5,
  /// doi:10.1007/978-3-319-19425-7; terms divided by the squared outer-knot distance, as in rms.
  case restrictedCubicSpline(knots: [Double])
}

extension Transform {
  /// The number of terms that one value becomes.
  public var termCount: Int {
    if case .restrictedCubicSpline(let knots) = self { return knots.count - 1 }
    return 1
  }

  /// The names of the terms of a column, in their order.
  ///
  /// `column>=1.418`, `column`, `log(column)`, or `rcs(column,1)` … for a spline.
  public func termNames(column: String) -> [String] {
    switch self {
    case .threshold(let bound): ["\(column)>=\(Self.text(bound))"]
    case .linear: [column]
    case .logarithm: ["log(\(column))"]
    case .restrictedCubicSpline(let knots): (1..<knots.count).map { "rcs(\(column),\($0))" }
    }
  }

  /// The terms of one value, or nil where the value is not finite or the transform is undefined.
  public func terms(_ value: Double) -> [Double]? {
    guard value.isFinite else { return nil }
    switch self {
    case .threshold(let bound): return [value >= bound ? 1 : 0]
    case .linear: return [value]
    case .logarithm: return value > 0 ? [log(value)] : nil
    case .restrictedCubicSpline(let knots): return Self.splineTerms(value, knots: knots)
    }
  }

  /// Whether the parameters describe a usable transform.
  package var isWellFormed: Bool {
    switch self {
    case .threshold(let bound): return bound.isFinite
    case .linear, .logarithm: return true
    case .restrictedCubicSpline(let knots):
      guard (3...10).contains(knots.count), knots.allSatisfy(\.isFinite) else { return false }
      return zip(knots, knots.dropFirst()).allSatisfy { $0 < $1 }
    }
  }

  private static func splineTerms(_ value: Double, knots: [Double]) -> [Double] {
    let count = knots.count
    let last = knots[count - 1]
    let nextToLast = knots[count - 2]
    let scale = (last - knots[0]) * (last - knots[0])
    func cube(_ x: Double) -> Double { x > 0 ? x * x * x : 0 }
    let curved = (0..<(count - 2)).map { index in
      let knot = knots[index]
      let width = last - nextToLast
      return
        (cube(value - knot) - cube(value - nextToLast) * (last - knot) / width
        + cube(value - last) * (nextToLast - knot) / width) / scale
    }
    return [value] + curved
  }

  /// The shortest text of a number, without a trailing ".0".
  package static func text(_ number: Double) -> String {
    let text = "\(number)"
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }
}

extension Transform: Codable {
  private enum CodingKeys: String, CodingKey {
    case kind
    case atLeast = "at_least"
    case knots
  }

  /// Reads the JSON shape named at the type.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let kind = try container.decode(String.self, forKey: .kind)
    switch kind {
    case "threshold":
      self = .threshold(atLeast: try container.decode(Double.self, forKey: .atLeast))
    case "linear": self = .linear
    case "logarithm": self = .logarithm
    case "restricted_cubic_spline":
      self = .restrictedCubicSpline(knots: try container.decode([Double].self, forKey: .knots))
    default:
      throw DecodingError.dataCorruptedError(
        forKey: .kind,
        in: container,
        debugDescription: "unknown transform \(kind)"
      )
    }
    guard isWellFormed else {
      throw DecodingError.dataCorruptedError(
        forKey: .kind,
        in: container,
        debugDescription: "unusable parameters of \(kind)"
      )
    }
  }

  /// Writes the JSON shape named at the type.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    switch self {
    case .threshold(let bound):
      try container.encode("threshold", forKey: .kind)
      try container.encode(bound, forKey: .atLeast)
    case .linear: try container.encode("linear", forKey: .kind)
    case .logarithm: try container.encode("logarithm", forKey: .kind)
    case .restrictedCubicSpline(let knots):
      try container.encode("restricted_cubic_spline", forKey: .kind)
      try container.encode(knots, forKey: .knots)
    }
  }
}
