// SPDX-License-Identifier: Apache-2.0

/// Cohen's kappa for two readers, plain or weighted.
///
/// Source: Cohen, Psychol Bull 1968;70:213–220, doi:10.1037/h0026256; standard errors: Fleiss,
/// Cohen & Everitt, Psychol Bull 1969;72:323–327, doi:10.1037/h0028106.
public struct CohenKappa: Equatable, Sendable {
  /// How much a disagreement counts.
  public enum Weighting: String, Equatable, Hashable, Codable, Sendable {
    /// Every disagreement counts fully.
    case unweighted
    /// 1 − |i − j| / (k − 1).
    case linear
    /// 1 − (i − j)² / (k − 1)².
    case quadratic
  }

  /// Kappa, with the standard error for its limits.
  public let estimate: Estimate
  /// The observed (weighted) agreement.
  public let observedAgreement: Double
  /// The (weighted) agreement expected by chance.
  public let expectedAgreement: Double
  /// The test that agreement is no better than chance, with the standard error under chance.
  public let test: TestResult

  /// Measures the agreement of two readers.
  ///
  /// - Parameters:
  ///   - first: Categories of the first reader, in 0..<categoryCount (shape: n).
  ///   - second: Categories of the second reader for the same patients (shape: n).
  ///   - categoryCount: All categories of the scale, used or not; at least 2.
  ///   - weighting: How much a disagreement counts.
  /// - Returns: Kappa with its standard error and test.
  /// - Throws: `countsDiffer`, `emptyInput`, `outOfRange`, or `zeroVariance` when both readers
  ///   used a single category.
  public static func measure(
    _ first: [Int],
    _ second: [Int],
    categoryCount: Int,
    weighting: Weighting = .unweighted
  ) throws(BiostatisticsError) -> CohenKappa {
    guard first.count == second.count else {
      throw .countsDiffer(expected: first.count, found: second.count)
    }
    guard !first.isEmpty else { throw .emptyInput }
    guard categoryCount > 1 else {
      throw .outOfRange(parameter: "categoryCount", value: Double(categoryCount))
    }
    if let stray = (first + second).first(where: { !(0..<categoryCount).contains($0) }) {
      throw .outOfRange(parameter: "category", value: Double(stray))
    }
    var shares = Array(
      repeating: [Double](repeating: 0, count: categoryCount),
      count: categoryCount
    )
    for (one, two) in zip(first, second) { shares[one][two] += 1 / Double(first.count) }
    return try AgreementShares(shares: shares, count: first.count, weighting: weighting).kappa()
  }
}

/// The joint and marginal shares of two readers' categories.
private struct AgreementShares {
  let shares: [[Double]]
  let count: Int
  let weighting: CohenKappa.Weighting

  private var categories: Range<Int> { shares.indices }

  private func weight(_ row: Int, _ column: Int) -> Double {
    let distance = Double(abs(row - column)) / Double(shares.count - 1)
    switch weighting {
    case .unweighted: return row == column ? 1 : 0
    case .linear: return 1 - distance
    case .quadratic: return 1 - distance * distance
    }
  }

  private func sum(_ term: (Int, Int) -> Double) -> Double {
    var total = 0.0
    for row in categories {
      for column in categories { total += term(row, column) }
    }
    return total
  }

  func kappa() throws(BiostatisticsError) -> CohenKappa {
    let rows = shares.map { $0.reduce(0, +) }
    let columns = categories.map { column in shares.reduce(0) { $0 + $1[column] } }
    let observed = sum { weight($0, $1) * shares[$0][$1] }
    let expected = sum { weight($0, $1) * rows[$0] * columns[$1] }
    guard 1 - expected > 1e-12 else { throw .zeroVariance("kappa") }
    let kappa = (observed - expected) / (1 - expected)
    let rowWeights = categories.map { row in
      categories.reduce(0) { $0 + columns[$1] * weight(row, $1) }
    }
    let columnWeights = categories.map { column in
      categories.reduce(0) { $0 + rows[$1] * weight($1, column) }
    }
    let scale = Double(count).squareRoot() * (1 - expected)
    let spread = sum {
      let term = weight($0, $1) - (rowWeights[$0] + columnWeights[$1]) * (1 - kappa)
      return shares[$0][$1] * term * term
    }
    let center = kappa - expected * (1 - kappa)
    let chanceSpread = sum {
      let term = weight($0, $1) - (rowWeights[$0] + columnWeights[$1])
      return rows[$0] * columns[$1] * term * term
    }
    let chanceVariance = chanceSpread - expected * expected
    guard chanceVariance > 0 else { throw .zeroVariance("kappa") }
    let z = kappa * scale / chanceVariance.squareRoot()
    return CohenKappa(
      estimate: Estimate(
        value: kappa,
        standardError: max(0, spread - center * center).squareRoot() / scale
      ),
      observedAgreement: observed,
      expectedAgreement: expected,
      test: TestResult(statistic: z, degreesOfFreedom: nil, p: try Normal.twoSidedP(z))
    )
  }
}
