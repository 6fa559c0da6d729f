// SPDX-License-Identifier: Apache-2.0

/// One measured quantity that a model uses.
public struct Predictor: Codable, Hashable, Sendable {
  /// The column of the analysis row, for example `adc_mean_week8`.
  public let column: String
  /// What people read beside an axis or in a table.
  public let label: String
  /// UCUM unit; `1` when dimensionless.
  public let unit: String
  /// How the value becomes terms.
  public let transform: Transform
  /// Lower end of the drawn and expected range, in the predictor's unit.
  public let low: Double
  /// Upper end of the drawn and expected range, in the predictor's unit.
  public let high: Double

  /// Describes a predictor; the range is checked when a release is decoded.
  public init(
    column: String,
    label: String,
    unit: String,
    transform: Transform,
    low: Double,
    high: Double
  ) {
    self.column = column
    self.label = label
    self.unit = unit
    self.transform = transform
    self.low = low
    self.high = high
  }

  /// The names of this predictor's terms, in their order.
  public var termNames: [String] { transform.termNames(column: column) }

  /// Whether name, range and transform can be used together.
  package var isWellFormed: Bool {
    guard !column.isEmpty, low.isFinite, high.isFinite, low < high else { return false }
    if case .logarithm = transform, low <= 0 { return false }
    return transform.isWellFormed
  }
}
