// SPDX-License-Identifier: Apache-2.0

/// Fleiss' kappa for several readers on an unordered scale.
///
/// Source: Fleiss, Psychol Bull 1971;76:378–382, doi:10.1037/h0031619; standard error under
/// chance: Fleiss, Nee & Landis, Psychol Bull 1979;86:974–977, doi:10.1037/0033-2909.86.5.974.
public struct FleissKappa: Equatable, Sendable {
  /// Kappa, with the standard error under the hypothesis of chance agreement.
  public let estimate: Estimate
  /// The share of agreeing pairs of readers.
  public let observedAgreement: Double
  /// The share expected by chance.
  public let expectedAgreement: Double
  /// The test that agreement is no better than chance.
  public let test: TestResult

  /// Measures the agreement of readers, who need not be the same for every patient.
  ///
  /// - Parameter counts: For each patient, how many readers chose each category (shape: n × k);
  ///   every patient with the same number of readers, at least 2. Patients with a missing
  ///   reading are the caller's to leave out.
  /// - Returns: Kappa with its test.
  /// - Throws: `emptyInput`, `tooFew` readers, `countsDiffer`, `outOfRange` for a negative or absurd count,
  ///   or `zeroVariance` when a single category was used.
  public static func measure(_ counts: [[Int]]) throws(BiostatisticsError) -> FleissKappa {
    guard let first = counts.first, !first.isEmpty else { throw .emptyInput }
    for stray in counts.joined() where !(0...1_000_000).contains(stray) {
      throw .outOfRange(parameter: "count", value: Double(stray))
    }
    let readers = first.reduce(0, +)
    guard readers > 1 else { throw .tooFew(what: "readers", needed: 2, found: readers) }
    for row in counts {
      guard row.count == first.count else {
        throw .countsDiffer(expected: first.count, found: row.count)
      }
      let total = row.reduce(0, +)
      guard total == readers else { throw .countsDiffer(expected: readers, found: total) }
    }
    let (n, m) = (Double(counts.count), Double(readers))
    let shares = first.indices.map { category in
      counts.reduce(0) { $0 + Double($1[category]) } / (n * m)
    }
    let pairs = counts.joined().reduce(0) { $0 + Double($1) * Double($1 - 1) }
    let observed = pairs / (n * m * (m - 1))
    let expected = shares.reduce(0) { $0 + $1 * $1 }
    let spread = shares.reduce(0) { $0 + $1 * (1 - $1) }
    guard spread > 1e-12 else { throw .zeroVariance("kappa") }
    let skew = shares.reduce(0) { $0 + $1 * (1 - $1) * (1 - 2 * $1) }
    let variance = 2 / (n * m * (m - 1)) * max(0, spread * spread - skew) / (spread * spread)
    let estimate = Estimate(
      value: (observed - expected) / (1 - expected),
      standardError: variance.squareRoot()
    )
    return FleissKappa(
      estimate: estimate,
      observedAgreement: observed,
      expectedAgreement: expected,
      test: try estimate.test()
    )
  }
}
