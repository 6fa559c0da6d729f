// SPDX-License-Identifier: Apache-2.0
import Biostatistics

/// By how much apparent performance flatters a model that was fitted to the same patients.
///
/// Optimism is the mean over resamples of (resample's model on the resample − the same model on
/// the original); corrected = apparent − optimism. Resamples without a fit are counted.
///
/// Source: Harrell, Lee & Mark, Stat Med 1996;15:361–387,
/// doi:10.1002/(SICI)1097-0258(19960229)15:4<361::AID-SIM168>3.0.CO;2-4.
public struct BootstrapOptimism: Codable, Hashable, Sendable {
  /// The method that was refitted in each resample.
  public var method: String
  /// Resamples that were drawn.
  public var samples: Int
  /// Resamples that gave no model.
  public var failed: Int
  /// The seed of the resamples; nil when they were given.
  public var seed: UInt64?
  /// The AUC of the model on its own patients.
  public var apparentAUC: Double
  /// Apparent AUC minus optimism.
  public var correctedAUC: Double
  /// The calibration slope of the resamples' models on the original patients.
  public var correctedSlope: Double
  /// Apparent Brier score minus optimism.
  public var correctedBrier: Double

  private enum CodingKeys: String, CodingKey {
    case method, samples, failed, seed
    case apparentAUC = "apparent_auc"
    case correctedAUC = "corrected_auc"
    case correctedSlope = "corrected_slope"
    case correctedBrier = "corrected_brier"
  }
}

extension BootstrapOptimism {
  /// A model whose largest coefficient exceeds this is separated in all but name.
  private static let coefficientLimit = 15.0
  /// Resamples that one piece of work takes; what is summed over resamples is summed by pieces, so
  /// that it is the same on any number of tasks.
  private static let batchSize = 10

  /// What is resampled: a method with all its choices, and the rows.
  struct Problem: Sendable {
    let method: FittedModel.Method
    let names: [String]
    let selection: TermSelection?
    let rows: CountedRows
    let model: FittedModel
    let risks: [Double]
    let apparent: Measures

    /// - Returns: nil where the method gives no model of all patients.
    init?(
      _ method: FittedModel.Method,
      names: [String],
      selection: TermSelection?,
      terms: [[Double]],
      outcomes: [Bool]
    ) {
      self.method = method
      self.names = names
      self.selection = selection
      rows = CountedRows(terms: terms, outcomes: outcomes)
      guard let model = try? rows.fit(method, names: names, selection: selection) else {
        return nil
      }
      let scored = ScoredRows(rows, model)
      guard let apparent = try? Measures(scored, rows.counts) else { return nil }
      self.model = model
      risks = scored.risks
      self.apparent = apparent
    }
  }

  struct Measures: Sendable {
    var auc = 0.0
    var slope = 0.0
    var brier = 0.0

    init() {}

    init(_ scored: ScoredRows, _ frequencies: [Double]) throws {
      (auc, brier) = try scored.discrimination(frequencies)
      slope = try scored.slope(frequencies)
    }

    mutating func add(_ other: Measures) {
      auc += other.auc
      slope += other.slope
      brier += other.brier
    }

    mutating func add(_ train: Measures, minus test: Measures) {
      auc += train.auc - test.auc
      slope += train.slope - test.slope
      brier += train.brier - test.brier
    }
  }

  /// What some resamples yield.
  struct Batch: Sendable {
    var optimism = Measures()
    var drawn = 0
    var used = 0
    var spread: Instability.Tally
    /// How often each predictor was kept.
    var inclusion: [String: Int] = [:]

    init(_ problem: Problem) {
      spread = Instability.Tally(problem.rows, risks: problem.risks)
    }

    /// Adds one resample, given by how often each row occurs in it.
    mutating func add(_ frequencies: [Double], _ problem: Problem) {
      drawn += 1
      let sample = problem.rows.occurring(frequencies)
      guard
        let fitted = try? sample.fit(
          problem.method,
          names: problem.names,
          selection: problem.selection
        ),
        fitted.coefficients.allSatisfy({ abs($0.estimate) <= coefficientLimit })
      else { return }
      let scored = ScoredRows(problem.rows, fitted)
      guard let train = try? Measures(scored, frequencies),
        let test = try? Measures(scored, problem.rows.counts)
      else { return }
      optimism.add(train, minus: test)
      spread.add(scored.risks)
      for name in fitted.selected?.names ?? [] { inclusion[name, default: 0] += 1 }
      used += 1
    }

    mutating func add(_ other: Batch) {
      optimism.add(other.optimism)
      drawn += other.drawn
      used += other.used
      spread.add(other.spread)
      inclusion.merge(other.inclusion, uniquingKeysWith: +)
    }
  }

  /// The correction, the instability of risks, and the share of resamples that kept a predictor.
  typealias Outcome = (
    optimism: BootstrapOptimism, instability: Instability, inclusion: [String: Double]
  )

  /// Adds the resamples of a plan to a list of work.
  static func add(
    _ problem: Problem,
    _ asked: AnalysisPlan.Bootstrap,
    to jobs: inout JobList
  ) -> [Pending<Batch>] {
    let batches = (asked.samples + batchSize - 1) / batchSize
    return jobs.add("resampling for optimism", count: batches, weight: 30) { place in
      let first = place * batchSize
      return batch(problem, first..<min(first + batchSize, asked.samples), seed: asked.seed)
    }
  }

  /// Resamples by number.
  ///
  /// Each takes as many numbers of the stream as there are patients, so its
  /// place in the stream is known without the ones before.
  private static func batch(_ problem: Problem, _ numbers: Range<Int>, seed: UInt64) -> Batch {
    var result = Batch(problem)
    let patients = problem.rows.patientCount
    for number in numbers {
      var random = SplitMix64(seed: seed, skipping: UInt64(number) &* UInt64(patients))
      result.add(problem.rows.frequencies(using: &random), problem)
    }
    return result
  }

  /// Joins the pieces.
  ///
  /// - Returns: nil where no resample gave a model.
  static func join(_ problem: Problem, _ batches: [Batch], seed: UInt64?) -> Outcome? {
    var all = Batch(problem)
    for batch in batches { all.add(batch) }
    guard all.used > 0 else { return nil }
    let used = Double(all.used)
    let result = BootstrapOptimism(
      method: problem.method.rawValue,
      samples: all.drawn,
      failed: all.drawn - all.used,
      seed: seed,
      apparentAUC: problem.apparent.auc,
      correctedAUC: problem.apparent.auc - all.optimism.auc / used,
      correctedSlope: problem.apparent.slope - all.optimism.slope / used,
      correctedBrier: problem.apparent.brier - all.optimism.brier / used
    )
    let inclusion =
      problem.selection.map { selection in
        Dictionary(
          uniqueKeysWithValues: selection.groups.map {
            ($0.name, Double(all.inclusion[$0.name] ?? 0) / used)
          }
        )
      } ?? [:]
    return (result, all.spread.instability, inclusion)
  }

  /// Corrects for optimism with given resamples, each a list of row numbers from 0.
  static func run(
    _ method: FittedModel.Method,
    names: [String],
    terms: [[Double]],
    outcomes: [Bool],
    resamples: some Sequence<[Int]>
  ) -> Outcome? {
    guard
      let problem = Problem(
        method,
        names: names,
        selection: nil,
        terms: terms,
        outcomes: outcomes
      )
    else { return nil }
    var batch = Batch(problem)
    for patients in resamples { batch.add(problem.rows.frequencies(patients), problem) }
    return join(problem, [batch], seed: nil)
  }
}
