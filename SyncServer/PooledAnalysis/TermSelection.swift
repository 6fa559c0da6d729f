// SPDX-License-Identifier: Apache-2.0
import Biostatistics
import RiskModel

/// Backward elimination of predictors by an information criterion, deviance + k × parameters.
///
/// A predictor leaves with all its terms: no single level of a column of codes, no single term of a
/// spline. Each step takes the removal that lowers the criterion most, of equals the first in the
/// plan's order; it ends when none lowers it. Selected models look better than they are, so the
/// selection is repeated wherever the model is fitted: in every left-out site, every resample, and
/// every re-estimation of an update.
///
/// Source: Venables & Ripley, Modern Applied Statistics with S, 4th ed. 2002, §7.2,
/// doi:10.1007/978-0-387-21706-2; Akaike, IEEE Trans Autom Control 1974;19:716–723,
/// doi:10.1109/TAC.1974.1100705.
struct TermSelection: Sendable {
  /// A predictor and the places of its terms among all, without the intercept.
  struct Group: Sendable {
    let name: String
    let terms: [Int]
  }

  let groups: [Group]
  /// k.
  let penaltyPerParameter: Double

  /// One removal.
  struct Step: Sendable {
    /// The predictor that left; nil for the full model.
    let dropped: String?
    let criterion: Double
  }

  /// What is left, as places of terms, and how it came about.
  struct Result: Sendable {
    let kept: [Int]
    let names: [String]
    let steps: [Step]
  }

  /// Selects on some rows.
  ///
  /// - Throws: As `LogisticFit.fit` for the full model; a smaller model that cannot be fitted is
  ///   no candidate.
  func run(
    _ design: DesignMatrix,
    outcomes: [Bool],
    weights: [Double]?
  ) throws(BiostatisticsError) -> Result {
    var current = groups
    var criterion = try self.criterion(current, design, outcomes, weights)
    var steps = [Step(dropped: nil, criterion: criterion)]
    while !current.isEmpty {
      var best: (place: Int, criterion: Double)?
      for place in current.indices {
        var smaller = current
        smaller.remove(at: place)
        guard let own = try? self.criterion(smaller, design, outcomes, weights) else { continue }
        if own < (best?.criterion ?? criterion) { best = (place, own) }
      }
      guard let best else { break }
      steps.append(Step(dropped: current[best.place].name, criterion: best.criterion))
      current.remove(at: best.place)
      criterion = best.criterion
    }
    return Result(
      kept: current.flatMap(\.terms).sorted(),
      names: current.map(\.name),
      steps: steps
    )
  }

  private func criterion(
    _ groups: [Group],
    _ design: DesignMatrix,
    _ outcomes: [Bool],
    _ weights: [Double]?
  ) throws(BiostatisticsError) -> Double {
    let kept = groups.flatMap(\.terms).sorted()
    let part = try design.selecting(columns: kept.map { design.columnNames[$0] })
    return try LogisticFit.fit(part, outcomes: outcomes, weights: weights).deviance
      + penaltyPerParameter * Double(kept.count + 1)
  }
}

extension TermSelection {
  /// The selection of a plan; nil where it selects nothing.
  init?(_ plan: AnalysisPlan) {
    guard let asked = plan.selection else { return nil }
    var groups: [Group] = []
    var place = 0
    for predictor in plan.predictors {
      let terms = Array(place..<(place + predictor.transform.termCount))
      place += predictor.transform.termCount
      // Levels of one column of codes stand or fall together.
      let name = plan.indicators.first { $0.column == predictor.column }?.of ?? predictor.column
      if let known = groups.firstIndex(where: { $0.name == name }) {
        groups[known] = Group(name: name, terms: groups[known].terms + terms)
      } else {
        groups.append(Group(name: name, terms: terms))
      }
    }
    self.init(groups: groups, penaltyPerParameter: asked.penaltyPerParameter)
  }
}

/// Which predictors the plan's selection kept, and how steadily.
public struct SelectionReport: Codable, Hashable, Sendable {
  /// k of the criterion, deviance + k × parameters.
  public var penaltyPerParameter: Double
  /// The removals on all patients, the full model first.
  public var steps: [Step]
  /// Predictors that were kept.
  public var kept: [String]
  /// What was kept without each external site.
  public var bySite: [String: [String]]
  /// The share of resamples that kept each predictor; empty without resamples.
  public var inclusion: [String: Double]

  /// One model on the way.
  public struct Step: Codable, Hashable, Sendable {
    /// The predictor that left; absent for the full model.
    public var dropped: String?
    /// The criterion of the model.
    public var criterion: Double
  }

  private enum CodingKeys: String, CodingKey {
    case steps, kept, inclusion
    case penaltyPerParameter = "penalty_per_parameter"
    case bySite = "by_site"
  }
}
