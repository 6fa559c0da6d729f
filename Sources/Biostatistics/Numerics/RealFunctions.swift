// SPDX-License-Identifier: Apache-2.0

/// e to the power x.
func exp(_ x: Double) -> Double { x.exponential }

/// The natural logarithm.
func log(_ x: Double) -> Double { x.naturalLogarithm }

/// log(1 + x), exact for small x.
func log1p(_ x: Double) -> Double { x.logarithmOfOnePlus }

/// log(1 + e^x) without overflow.
func logOnePlusExp(_ x: Double) -> Double { x > 0 ? x + log1p(exp(-x)) : log1p(exp(x)) }

/// The log odds and its inverse.
public enum Logit {
  /// The log odds of a probability, log(p / (1 − p)), infinite at 0 and 1.
  public static func of(_ probability: Double) -> Double {
    log(probability) - log1p(-probability)
  }

  /// The probability of a log odds, 1 / (1 + e^−x), in [0, 1].
  public static func inverse(_ logOdds: Double) -> Double {
    guard logOdds < 0 else { return 1 / (1 + exp(-logOdds)) }
    let odds = exp(logOdds)
    return odds / (1 + odds)
  }
}
