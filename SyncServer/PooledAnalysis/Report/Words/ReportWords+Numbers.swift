// SPDX-License-Identifier: Apache-2.0
import Foundation
import RiskModel

/// Numbers as people read them.
extension ReportWords {
  /// A dash for what was not computed.
  static let absent = "–"

  func number(_ value: Double?, _ digits: Int = 3) -> String {
    value.map { Self.signed(SVGCanvas.fixed($0, digits)) } ?? Self.absent
  }

  /// A minus sign for the hyphen.
  private static func signed(_ text: String) -> String { text.replacing("-", with: "−") }

  /// A term as people write it.
  func term(_ name: String) -> String {
    let parts = name.components(separatedBy: ">=")
    guard parts.count == 2 else { return translated(name) }
    return "\(translated(parts[0])) ≥ \(parts[1])"
  }

  func range(_ low: Double?, _ high: Double?, _ digits: Int = 3) -> String {
    guard low != nil || high != nil else { return Self.absent }
    func end(_ value: Double?) -> String {
      value.map { Self.signed(SVGCanvas.fixed($0, digits)) } ?? "∞"
    }
    return self("{1} to {2}", end(low), end(high))
  }

  /// An estimate and its limits in the least room, for figures.
  func short(_ value: Double, _ low: Double, _ high: Double, _ digits: Int = 2) -> String {
    "\(number(value, digits)) (\(number(low, digits)), \(number(high, digits)))"
  }

  func limited(_ value: LimitedEstimate?, _ digits: Int = 3) -> String {
    guard let value else { return Self.absent }
    guard value.low != nil else { return number(value.estimate, digits) }
    return "\(number(value.estimate, digits)) (\(range(value.low, value.high, digits)))"
  }

  /// An estimate with normal 95 % limits.
  func withError(_ value: Double?, _ se: Double?, _ digits: Int = 2) -> String {
    guard let value, let se else { return number(value, digits) }
    let margin = 1.959963984540054 * se
    return "\(number(value, digits)) (\(range(value - margin, value + margin, digits)))"
  }

  func p(_ value: Double?) -> String {
    guard let value else { return Self.absent }
    return value < 0.0001 ? "< 0.0001" : SVGCanvas.fixed(value, 4)
  }

  func percent(_ value: Double?, _ limits: Limits? = nil) -> String {
    guard let value else { return Self.absent }
    let text = SVGCanvas.fixed(100 * value, 1)
    guard let limits else { return "\(text)\u{a0}%" }
    return "\(text)\u{a0}% (\(range(100 * limits.low, 100 * limits.high, 1)))"
  }

  func observedToExpected(_ calibration: CalibrationSummary?) -> String {
    limited(
      calibration?.oe.map {
        LimitedEstimate(
          estimate: $0,
          se: nil,
          low: calibration?.oeLow,
          high: calibration?.oeHigh
        )
      },
      2
    )
  }
}
