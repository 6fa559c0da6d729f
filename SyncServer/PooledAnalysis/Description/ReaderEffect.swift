// SPDX-License-Identifier: Apache-2.0
import Biostatistics
import Foundation
import Registry
import RiskModel

/// What a patient's risk would have been, had one reader's images not been settled with another's.
///
/// Patients with at least two readers' own values of the predictors, and the settled risk.
public struct ReaderEffect: Codable, Hashable, Sendable {
  /// Patients with at least two blinded readings that give a risk.
  public var patients: Int
  /// Every pair of readers.
  public var pairs: [Pair]
  /// Every reader against what was settled.
  public var readers: [Reader]

  /// Two readers of the same patients.
  public struct Pair: Codable, Hashable, Sendable {
    /// The reader whose linear predictor comes first in the difference.
    public var first: String
    /// The reader whose linear predictor is subtracted.
    public var second: String
    /// Patients that both read.
    public var n: Int
    /// The mean difference of the linear predictor.
    public var bias: Double?
    /// The lower limit of agreement: mean − 1.96 standard deviations.
    public var low: Double?
    /// The upper limit of agreement.
    public var high: Double?
    /// The mean absolute difference of the risk.
    public var meanRiskDifference: Double
    /// Patients on different sides of the model's cut-off.
    public var otherGroup: Int

    private enum CodingKeys: String, CodingKey {
      case first, second, n, bias, low, high
      case meanRiskDifference = "mean_risk_difference"
      case otherGroup = "other_group"
    }
  }

  /// One reader against what was settled.
  public struct Reader: Codable, Hashable, Sendable {
    /// The reader's code.
    public var reader: String
    /// Patients with a risk of this reader.
    public var n: Int
    /// Of those, patients with a settled risk.
    public var settled: Int
    /// The mean absolute difference from the settled risk.
    public var meanRiskDifference: Double?
    /// Patients whom the settled risk puts on the other side of the cut-off.
    public var otherGroup: Int
    /// Patients with a known outcome and both risks.
    public var analysed: Int
    /// The AUC of this reader's risks in them.
    public var auc: Double?
    /// The AUC of the settled risks in the same patients.
    public var settledAUC: Double?

    private enum CodingKeys: String, CodingKey {
      case reader, n, settled, analysed, auc
      case meanRiskDifference = "mean_risk_difference"
      case otherGroup = "other_group"
      case settledAUC = "settled_auc"
    }
  }
}

extension ReaderEffect {
  /// A patient's linear predictors by reader, and the settled one.
  private struct Read {
    let isEvent: Bool?
    let settled: Double?
    let byReader: [String: Double]
  }

  /// Measures the effect on a release's score; nil where nobody was read twice.
  static func measure(
    _ rows: PooledRows,
    _ measure: ReleaseMeasure,
    _ plan: AnalysisPlan
  ) -> ReaderEffect? {
    let release = measure.release
    let read = rows.rows.compactMap { row -> Read? in
      guard !row.readings.isEmpty, row.number(plan.withdrawn) != 1 else { return nil }
      var own: [String: Double] = [:]
      for reader in row.readings.keys {
        own[reader] = row.asRead(by: reader).flatMap { linearPredictor($0, release) }
      }
      let status = rows.status(row, plan)
      return Read(
        isEvent: status == .event ? true : status == .nonEvent ? false : nil,
        settled: linearPredictor(row, release),
        byReader: own
      )
    }
    let twice = read.count { $0.byReader.count >= 2 }
    guard twice > 0 else { return nil }
    let names = Set(read.flatMap(\.byReader.keys)).sorted()
    var result = ReaderEffect(patients: twice, pairs: [], readers: [])
    for (index, first) in names.enumerated() {
      for second in names[(index + 1)...] {
        if let pair = pair(first, second, read, release.cutoff) { result.pairs.append(pair) }
      }
      result.readers.append(reader(first, read, release.cutoff))
    }
    return result
  }

  private static func linearPredictor(_ row: AnalysisRow, _ release: ModelRelease) -> Double? {
    var terms: [Double] = []
    for predictor in release.predictors {
      guard let value = row.number(predictor.column), let own = predictor.transform.terms(value)
      else { return nil }
      terms += own
    }
    return PatternTable.linearPredictor(terms, [release.intercept] + release.coefficients)
  }

  private static func pair(
    _ first: String,
    _ second: String,
    _ read: [Read],
    _ cutoff: Double
  ) -> Pair? {
    let both = read.compactMap { patient -> (Double, Double)? in
      guard let left = patient.byReader[first], let right = patient.byReader[second] else {
        return nil
      }
      return (left, right)
    }
    guard !both.isEmpty else { return nil }
    let agreement = try? BlandAltman.measure(both.map(\.0), both.map(\.1))
    return Pair(
      first: first,
      second: second,
      n: both.count,
      bias: agreement?.bias.value,
      low: agreement?.limits.low,
      high: agreement?.limits.high,
      meanRiskDifference: meanRiskDifference(both),
      otherGroup: both.count { isHigh($0.0, cutoff) != isHigh($0.1, cutoff) }
    )
  }

  private static func reader(_ name: String, _ read: [Read], _ cutoff: Double) -> Reader {
    let own = read.filter { $0.byReader[name] != nil }
    let both = own.compactMap { patient -> (Double, Double, Bool?)? in
      guard let left = patient.byReader[name], let right = patient.settled else { return nil }
      return (left, right, patient.isEvent)
    }
    let known = both.filter { $0.2 != nil }
    let outcomes = known.map { $0.2 == true }
    return Reader(
      reader: name,
      n: own.count,
      settled: both.count,
      meanRiskDifference: both.isEmpty ? nil : meanRiskDifference(both.map { ($0.0, $0.1) }),
      otherGroup: both.count { isHigh($0.0, cutoff) != isHigh($0.1, cutoff) },
      analysed: known.count,
      auc: try? AUC.measure(scores: known.map(\.0), outcomes: outcomes).estimate,
      settledAUC: try? AUC.measure(scores: known.map(\.1), outcomes: outcomes).estimate
    )
  }

  private static func isHigh(_ predictor: Double, _ cutoff: Double) -> Bool {
    Logit.inverse(predictor) >= cutoff
  }

  private static func meanRiskDifference(_ both: [(Double, Double)]) -> Double {
    both.reduce(0) { $0 + abs(Logit.inverse($1.0) - Logit.inverse($1.1)) } / Double(both.count)
  }
}
