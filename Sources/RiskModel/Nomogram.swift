// SPDX-License-Identifier: Apache-2.0

/// The points scale of a release.
///
/// `points = 100 × (b·x − lowest b·x) / widest range`, so that the predictor with the widest range
/// of shares spans 0 to 100 and linear predictor = `lowestLinearPredictor` + total / 100 × `widest`.
///
/// Source: the points of rms 6.5.0 (`nomogram`), Harrell 2015, doi:10.1007/978-3-319-19425-7.
public struct Nomogram: Hashable, Sendable {
  /// Lowest and highest share of the linear predictor, one pair a predictor.
  public let ranges: [ClosedRange<Double>]
  /// The widest range of shares, on the logit scale.
  public let widest: Double
  /// The linear predictor at a total of 0 points.
  public let lowestLinearPredictor: Double

  /// Points a continuous predictor's range is searched at for its lowest and highest share.
  private static let searchSteps = 200

  /// Builds the scale; a release without effect gets a widest range of 1.
  public init(_ release: ModelRelease) {
    var start = 0
    var ranges: [ClosedRange<Double>] = []
    for predictor in release.predictors {
      let count = predictor.transform.termCount
      let coefficients = Array(release.coefficients[start..<(start + count)])
      start += count
      ranges.append(Self.shareRange(predictor, coefficients: coefficients))
    }
    self.ranges = ranges
    let width = ranges.map { $0.upperBound - $0.lowerBound }.max() ?? 0
    widest = width > 0 ? width : 1
    lowestLinearPredictor = ranges.reduce(release.intercept) { $0 + $1.lowerBound }
  }

  /// The points of a share of the linear predictor.
  public func points(ofShare share: Double, predictor: Int) -> Double {
    100 * (share - ranges[predictor].lowerBound) / widest
  }

  /// The total points of a linear predictor.
  public func total(ofLinearPredictor linearPredictor: Double) -> Double {
    100 * (linearPredictor - lowestLinearPredictor) / widest
  }

  /// The greatest total inside the predictors' ranges.
  public var greatestTotal: Double {
    ranges.reduce(0) { $0 + 100 * ($1.upperBound - $1.lowerBound) / widest }
  }

  private static func shareRange(
    _ predictor: Predictor,
    coefficients: [Double]
  ) -> ClosedRange<Double> {
    let shares: [Double]
    if case .threshold = predictor.transform {
      shares = [0, coefficients[0]]
    } else {
      shares = (0...searchSteps).compactMap { step in
        let value =
          predictor.low + (predictor.high - predictor.low) * Double(step) / Double(searchSteps)
        return predictor.transform.terms(value).map { terms in
          zip(coefficients, terms).reduce(0) { $0 + $1.0 * $1.1 }
        }
      }
    }
    return (shares.min() ?? 0)...(shares.max() ?? 0)
  }
}
