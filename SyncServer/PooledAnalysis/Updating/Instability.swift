// SPDX-License-Identifier: Apache-2.0
import Biostatistics

/// How much a patient's predicted risk would change had other patients been drawn.
///
/// Source: Riley & Collins, Biom J 2023;65:2200302, doi:10.1002/bimj.202200302.
public struct Instability: Codable, Hashable, Sendable {
  /// The mean over patients and resamples of the absolute change of risk.
  public var meanChange: Double
  /// The largest mean absolute change of any patient.
  public var largestChange: Double
  /// Risks of patients with the same terms, lowest first; empty when there are too many.
  public var patterns: [Pattern]

  private enum CodingKeys: String, CodingKey {
    case patterns
    case meanChange = "mean_change"
    case largestChange = "largest_change"
  }

  /// One risk and where it fell in the resamples.
  public struct Pattern: Codable, Hashable, Sendable {
    /// The risk of the model.
    public var risk: Double
    /// Patients.
    public var n: Int
    /// The 2.5th percentile over resamples.
    public var low: Double
    /// The 97.5th percentile over resamples.
    public var high: Double
    /// The mean absolute change.
    public var change: Double
  }
}

extension Instability {
  /// Risks by distinct row over resamples; single risks are kept where rows are few.
  struct Tally: Sendable {
    private static let patternLimit = 64
    private let counts: [Double]
    private let risks: [Double]
    private let keepsDraws: Bool
    private var changes: [Double]
    private var drawn: [[Double]] = []
    private var resamples = 0.0

    init(_ rows: CountedRows, risks: [Double]) {
      counts = rows.counts
      self.risks = risks
      keepsDraws = Set(risks).count <= Self.patternLimit
      changes = Array(repeating: 0, count: risks.count)
    }

    mutating func add(_ own: [Double]) {
      for place in risks.indices { changes[place] += abs(own[place] - risks[place]) }
      if keepsDraws { drawn.append(own) }
      resamples += 1
    }

    mutating func add(_ other: Tally) {
      for place in risks.indices { changes[place] += other.changes[place] }
      drawn += other.drawn
      resamples += other.resamples
    }

    var instability: Instability {
      let mean = changes.map { $0 / max(1, resamples) }
      let all = counts.reduce(0, +)
      let total = zip(mean, counts).reduce(0) { $0 + $1.0 * $1.1 }
      return Instability(
        meanChange: total / max(1, all),
        largestChange: mean.max() ?? 0,
        patterns: drawn.isEmpty ? [] : patterns(mean)
      )
    }

    private func patterns(_ mean: [Double]) -> [Pattern] {
      Set(risks).sorted().compactMap { risk in
        let places = risks.indices.filter { risks[$0] == risk }
        guard let first = places.first else { return nil }
        let values = drawn.map { $0[first] }
        return Pattern(
          risk: risk,
          n: Int(places.reduce(0) { $0 + counts[$1] }),
          low: (try? Quantile.type7(values, 0.025)) ?? risk,
          high: (try? Quantile.type7(values, 0.975)) ?? risk,
          change: mean[first]
        )
      }
    }
  }
}
