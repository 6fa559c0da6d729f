// SPDX-License-Identifier: Apache-2.0
import CBoostMath

/// The one importer of the Boost.Math shim.
///
/// The shim owns no memory.
enum BoostMath {
  static func normalTail(_ x: Double, upper: Bool) throws(BiostatisticsError) -> Double {
    try call("normal") { lobule_normal_tail(x, upper ? 1 : 0, $0) }
  }

  static func normalQuantile(_ probability: Double) throws(BiostatisticsError) -> Double {
    try call("normal quantile") { lobule_normal_quantile(probability, $0) }
  }

  static func studentTTail(
    _ x: Double,
    df: Double,
    upper: Bool
  ) throws(BiostatisticsError) -> Double {
    try call("Student t") { lobule_student_t_tail(df, x, upper ? 1 : 0, $0) }
  }

  static func studentTQuantile(
    _ probability: Double,
    df: Double
  ) throws(BiostatisticsError) -> Double {
    try call("Student t quantile") { lobule_student_t_quantile(df, probability, $0) }
  }

  static func chiSquaredTail(
    _ x: Double,
    df: Double,
    upper: Bool
  ) throws(BiostatisticsError) -> Double {
    try call("chi-squared") { lobule_chi_squared_tail(df, x, upper ? 1 : 0, $0) }
  }

  static func chiSquaredQuantile(
    _ probability: Double,
    df: Double
  ) throws(BiostatisticsError) -> Double {
    try call("chi-squared quantile") { lobule_chi_squared_quantile(df, probability, $0) }
  }

  static func betaTail(
    _ x: Double,
    shapes: (Double, Double),
    upper: Bool
  ) throws(BiostatisticsError) -> Double {
    try call("beta") { lobule_beta_tail(shapes.0, shapes.1, x, upper ? 1 : 0, $0) }
  }

  static func betaQuantile(
    _ probability: Double,
    shapes: (Double, Double)
  ) throws(BiostatisticsError) -> Double {
    try call("beta quantile") { lobule_beta_quantile(shapes.0, shapes.1, probability, $0) }
  }

  static func fTail(
    _ x: Double,
    df: (Double, Double),
    upper: Bool
  ) throws(BiostatisticsError) -> Double {
    try call("F") { lobule_f_tail(df.0, df.1, x, upper ? 1 : 0, $0) }
  }

  static func fQuantile(
    _ probability: Double,
    df: (Double, Double)
  ) throws(BiostatisticsError) -> Double {
    try call("F quantile") { lobule_f_quantile(df.0, df.1, probability, $0) }
  }

  private static func call(
    _ name: String,
    _ function: (UnsafeMutablePointer<Double>) -> Int32
  ) throws(BiostatisticsError) -> Double {
    var result = 0.0
    guard function(&result) == 0 else { throw .distributionFailed(name) }
    return result
  }
}
