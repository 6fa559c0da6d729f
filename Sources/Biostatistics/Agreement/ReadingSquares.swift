// SPDX-License-Identifier: Apache-2.0

/// The mean squares of a table of readings, patients by readers.
struct ReadingSquares {
  let patients: Int
  let readers: Int
  /// Between patients.
  let between: Double
  /// Within patients.
  let within: Double
  /// Between readers.
  let readerEffect: Double
  /// What remains after patients and readers.
  let residual: Double

  init(_ readings: [[Double]]) throws(BiostatisticsError) {
    guard readings.count > 1 else {
      throw .tooFew(what: "patients", needed: 2, found: readings.count)
    }
    let width = readings[0].count
    guard width > 1 else { throw .tooFew(what: "readers", needed: 2, found: width) }
    for (position, row) in readings.enumerated() {
      guard row.count == width else { throw .countsDiffer(expected: width, found: row.count) }
      guard row.allSatisfy(\.isFinite) else {
        throw .notFinite(input: "readings", position: position)
      }
    }
    patients = readings.count
    readers = width
    let (n, k) = (Double(readings.count), Double(width))
    // Ratios of squares do not depend on the unit, which keeps huge and tiny readings in range.
    let largest = readings.joined().reduce(0) { max($0, abs($1)) }
    let unit = largest > 1e100 || (largest > 0 && largest < 1e-100) ? largest : 1
    let readings = readings.map { $0.map { $0 / unit } }
    let rowMeans = readings.map { $0.reduce(0, +) / k }
    let columnMeans = (0..<width).map { column in readings.reduce(0) { $0 + $1[column] } / n }
    let grand = rowMeans.reduce(0, +) / n
    let rowSum = rowMeans.reduce(0) { $0 + k * ($1 - grand) * ($1 - grand) }
    let columnSum = columnMeans.reduce(0) { $0 + n * ($1 - grand) * ($1 - grand) }
    var withinSum = 0.0
    var residualSum = 0.0
    for (row, rowMean) in zip(readings, rowMeans) {
      for (value, columnMean) in zip(row, columnMeans) {
        withinSum += (value - rowMean) * (value - rowMean)
        let rest = value - rowMean - columnMean + grand
        residualSum += rest * rest
      }
    }
    between = rowSum / (n - 1)
    within = withinSum / (n * (k - 1))
    readerEffect = columnSum / (k - 1)
    residual = residualSum / ((n - 1) * (k - 1))
    guard within > 0, residual > 0 else { throw .zeroVariance("readings") }
  }

  func estimate(
    _ form: IntraclassCorrelation.Form,
    _ unit: IntraclassCorrelation.Unit
  ) -> Double {
    let (n, k) = (Double(patients), Double(readers))
    let others = unit == .single ? k - 1 : 0
    let scale = unit == .single ? k : 1
    switch form {
    case .oneWay: return (between - within) / (between + others * within)
    case .consistency: return (between - residual) / (between + others * residual)
    case .absoluteAgreement:
      let reader = scale / n * (readerEffect - residual)
      return (between - residual) / (between + others * residual + reader)
    }
  }

  /// Exact limits from the F ratio of between and error.
  func ratioLimits(
    error: Double,
    freedom: Double,
    tail: Double,
    unit: IntraclassCorrelation.Unit
  ) throws(BiostatisticsError) -> Interval {
    let ratio = between / error
    let above = Double(patients - 1)
    let others = unit == .single ? Double(readers) - 1 : 0
    let low = ratio / (try FRatio(numerator: above, denominator: freedom).quantile(1 - tail))
    let high = ratio * (try FRatio(numerator: freedom, denominator: above).quantile(1 - tail))
    return Interval(low: (low - 1) / (low + others), high: (high - 1) / (high + others))
  }

  /// Satterthwaite's degrees of freedom of absolute agreement.
  func agreementFreedom(_ correlation: Double) -> Double {
    let (n, k) = (Double(patients), Double(readers))
    let ratio = readerEffect / residual
    let first = k * correlation * ratio
    let second = n * (1 + (k - 1) * correlation) - k * correlation
    return (k - 1) * (n - 1) * (first + second) * (first + second)
      / ((n - 1) * first * first + second * second)
  }

  /// Limits with Satterthwaite's degrees of freedom.
  func agreementLimits(
    freedom: Double,
    tail: Double,
    unit: IntraclassCorrelation.Unit
  ) throws(BiostatisticsError) -> Interval {
    let (n, k) = (Double(patients), Double(readers))
    let lower = try FRatio(numerator: n - 1, denominator: freedom).quantile(1 - tail)
    let upper = try FRatio(numerator: freedom, denominator: n - 1).quantile(1 - tail)
    let error =
      unit == .single
      ? k * readerEffect + (k * n - k - n) * residual : readerEffect - residual
    return Interval(
      low: n * (between - lower * residual) / (lower * error + n * between),
      high: n * (upper * between - residual) / (error + n * upper * between)
    )
  }
}
