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

  private struct Measures {
    var auc = 0.0
    var slope = 0.0
    var brier = 0.0

    init() {}

    init(_ model: FittedModel, _ rows: CountedRows) throws {
      let risks = model.risks(rows.terms)
      auc = try rows.auc(risks)
      slope = try rows.slope(risks)
      brier = rows.brier(risks)
    }

    mutating func add(_ train: Measures, minus test: Measures) {
      auc += train.auc - test.auc
      slope += train.slope - test.slope
      brier += train.brier - test.brier
    }
  }

  /// Corrects for optimism with resamples drawn from a seed.
  static func run(
    _ method: FittedModel.Method,
    names: [String],
    terms: [[Double]],
    outcomes: [Bool],
    samples: Int,
    seed: UInt64
  ) -> (optimism: BootstrapOptimism, instability: Instability)? {
    var random = SplitMix64(seed: seed)
    var left = samples
    let resamples = AnyIterator<[Int]> {
      guard left > 0 else { return nil }
      left -= 1
      return outcomes.indices.map { _ in random.next(below: outcomes.count) }
    }
    var result = run(method, names: names, terms: terms, outcomes: outcomes, resamples: resamples)
    result?.optimism.seed = seed
    return result
  }

  /// Corrects for optimism as a plan asks.
  static func run(
    _ method: FittedModel.Method,
    _ set: AnalysisSet,
    _ asked: AnalysisPlan.Bootstrap
  ) -> (optimism: BootstrapOptimism, instability: Instability)? {
    run(
      method,
      names: set.termNames,
      terms: set.patients.terms,
      outcomes: set.patients.outcomes,
      samples: asked.samples,
      seed: asked.seed
    )
  }

  /// Corrects for optimism with given resamples, each a list of row numbers from 0.
  static func run(
    _ method: FittedModel.Method,
    names: [String],
    terms: [[Double]],
    outcomes: [Bool],
    resamples: some Sequence<[Int]>
  ) -> (optimism: BootstrapOptimism, instability: Instability)? {
    let all = CountedRows(terms: terms, outcomes: outcomes)
    guard
      let model = try? all.fit(method, names: names),
      let apparent = try? Measures(model, all)
    else { return nil }
    var optimism = Measures()
    var (used, drawn) = (0, 0)
    var spread = Instability.Tally(all, risks: model.risks(all.terms))
    for rows in resamples {
      drawn += 1
      let sample = all.selecting(rows)
      guard let fitted = try? sample.fit(method, names: names),
        fitted.coefficients.allSatisfy({ abs($0.estimate) <= coefficientLimit }),
        let train = try? Measures(fitted, sample),
        let test = try? Measures(fitted, all)
      else { continue }
      optimism.add(train, minus: test)
      spread.add(fitted.risks(all.terms))
      used += 1
    }
    guard used > 0 else { return nil }
    let result = BootstrapOptimism(
      method: method.rawValue,
      samples: drawn,
      failed: drawn - used,
      seed: nil,
      apparentAUC: apparent.auc,
      correctedAUC: apparent.auc - optimism.auc / Double(used),
      correctedSlope: apparent.slope - optimism.slope / Double(used),
      correctedBrier: apparent.brier - optimism.brier / Double(used)
    )
    return (result, spread.instability)
  }
}
