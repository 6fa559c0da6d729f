// SPDX-License-Identifier: Apache-2.0

/// A closed interval on the scale of its estimate.
public struct Interval: Equatable, Hashable, Codable, Sendable {
  /// The lower limit, included.
  public let low: Double
  /// The upper limit, included.
  public let high: Double

  /// Makes an interval of two limits in order.
  public init(low: Double, high: Double) {
    self.low = low
    self.high = high
  }

  /// The interval with both limits transformed by an increasing function.
  public func map(_ transform: (Double) -> Double) -> Interval {
    Interval(low: transform(low), high: transform(high))
  }

  /// The part of the interval inside the given limits.
  public func clipped(to limits: ClosedRange<Double>) -> Interval {
    map { min(max($0, limits.lowerBound), limits.upperBound) }
  }

  /// Whether the interval contains a value, limits included.
  public func contains(_ value: Double) -> Bool { low <= value && value <= high }
}
