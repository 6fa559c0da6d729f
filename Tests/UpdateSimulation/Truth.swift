// SPDX-License-Identifier: Apache-2.0
import Biostatistics
import Foundation
import PooledAnalysis

/// How simulated hospitals relate to the released model.
struct Truth: Sendable {
  /// What is asked of the gate.
  enum Bar: Sendable {
    /// Releases are false: their lower Clopper–Pearson limit must not exceed this.
    case falseReleases(Double)
    /// Releases are right: the share that is wanted, by number of patients.
    case releases([Int: Double])
    /// Reported only.
    case none
  }

  let name: String
  let slope: Double
  let shift: Double
  let siteDeviation: Double
  let swappedSites: Int
  let bar: Bar

  static let sizes = [800, 2000]
  static let siteCount = 10

  static let all = [
    Truth(name: "incumbent right", deviation: 0, bar: .falseReleases(0.02)),
    Truth(name: "heterogeneity alone", bar: .falseReleases(0.02)),
    Truth(name: "one site with swapped ADC units", swapped: 1, bar: .falseReleases(0.02)),
    Truth(
      name: "slope 0.5 and shift 0.8",
      slope: 0.5,
      shift: 0.8,
      bar: .releases([800: 0.85, 2000: 0.85])
    ),
    Truth(name: "slope 0.5", slope: 0.5, bar: .releases([800: 0.55, 2000: 0.70])),
    Truth(name: "slope 0.75", slope: 0.75, bar: .none),
  ]

  init(
    name: String,
    slope: Double = 1,
    shift: Double = 0,
    deviation: Double = 0.3,
    swapped: Int = 0,
    bar: Bar
  ) {
    self.name = name
    self.slope = slope
    self.shift = shift
    siteDeviation = deviation
    swappedSites = swapped
    self.bar = bar
  }
}

/// The published model and how often its terms are 1, as in the practice hospitals.
struct World: Sendable {
  let plan: AnalysisPlan
  let rules: GateRules
  let coefficients: [Double]
  let covariance: [[Double]]
  let termShares = [0.70, 0.40, 0.22]
  /// The term of the second predictor, whose units one hospital may swap.
  private let swappedTerm = 1

  /// The patients of one simulated registry, the published cohort among them.
  func registry(_ truth: Truth, size: Int, seed: UInt64) -> PatternTable {
    var random = RandomStream(seed: seed)
    var patients = plan.publishedCohort?.patients ?? []
    let weights = (0..<Truth.siteCount).map { _ in 0.5 + random.uniform() }
    let total = weights.reduce(0, +)
    for site in 0..<Truth.siteCount {
      let shift = truth.shift + truth.siteDeviation * random.normal()
      let count = Int((Double(size) * weights[site] / total).rounded())
      for _ in 0..<count {
        var terms = termShares.map { random.uniform() < $0 ? 1.0 : 0.0 }
        let risk = Logit.inverse(shift + truth.slope * linearPredictor(terms))
        let isEvent = random.uniform() < risk
        // In µm²/s every diffusion coefficient is above a threshold in 10⁻³ mm²/s.
        if site < truth.swappedSites { terms[swappedTerm] = 1 }
        patients.append(
          PatternTable.Patient(
            site: "site \(site)",
            isDevelopment: false,
            terms: terms,
            isEvent: isEvent
          )
        )
      }
    }
    return PatternTable(termNames: plan.termNames, patients: patients)
  }

  func linearPredictor(_ terms: [Double], _ own: [Double]? = nil) -> Double {
    let own = own ?? coefficients
    return zip(own.dropFirst(), terms).reduce(own[0]) { $0 + $1.0 * $1.1 }
  }

  /// Expected log loss of a model in the population averaged over sites, units right.
  func expectedLoss(_ model: [Double], _ truth: Truth) -> Double {
    // Midpoints of 99 equally likely site shifts.
    let shifts = (0..<99).compactMap { try? Normal.quantile((Double($0) + 0.5) / 99) }
    var loss = 0.0
    for pattern in 0..<(1 << termShares.count) {
      let terms = termShares.indices.map { pattern >> $0 & 1 == 1 ? 1.0 : 0.0 }
      let share = zip(termShares, terms).reduce(1) { $0 * ($1.1 == 1 ? $1.0 : 1 - $1.0) }
      let predicted = linearPredictor(terms, model)
      let own = truth.slope * linearPredictor(terms)
      for shift in shifts {
        let risk = Logit.inverse(own + truth.shift + truth.siteDeviation * shift)
        let mean = risk * softplus(-predicted) + (1 - risk) * softplus(predicted)
        loss += share * mean / Double(shifts.count)
      }
    }
    return loss
  }

  private func softplus(_ x: Double) -> Double { x > 0 ? x + log1p(exp(-x)) : log1p(exp(x)) }
}

/// Uniform and normal numbers from one seed.
struct RandomStream {
  private var generator: SplitMix64

  init(seed: UInt64) { generator = SplitMix64(seed: seed) }

  mutating func uniform() -> Double { Double(generator.next() >> 11) * 0x1p-53 }

  /// Box and Muller's method.
  mutating func normal() -> Double {
    let (first, second) = (1 - uniform(), uniform())
    return (-2 * log(first)).squareRoot() * cos(2 * .pi * second)
  }
}
