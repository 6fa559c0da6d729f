// SPDX-License-Identifier: Apache-2.0

/// Stepwise selection of columns by an information criterion, deviance + k × terms.
///
/// Each step makes the one change that lowers the criterion most; among equals leaving out comes
/// before adding, and then the order of the columns. It ends when no change lowers it. Selected
/// models look better than they are: repeat the selection inside `OptimismCorrection`.
///
/// Source: Venables & Ripley, Modern Applied Statistics with S, 4th edition, 2002, section 7.2,
/// doi:10.1007/978-0-387-21706-2; Akaike, IEEE Trans Autom Control 1974;19:716–723,
/// doi:10.1109/TAC.1974.1100705.
public struct StepwiseSelection: Equatable, Sendable {
  /// Where the search starts and which changes it tries.
  public enum Direction: String, Equatable, Hashable, Codable, CaseIterable, Sendable {
    /// From all columns, leaving out.
    case backward
    /// From all columns, leaving out and taking in again.
    case both
    /// From no column, adding.
    case forward
  }

  /// What a step did.
  public enum Change: Equatable, Sendable {
    /// The model the search starts with.
    case start
    /// A column was left out.
    case dropped(String)
    /// A column was added.
    case added(String)
  }

  /// One model on the way.
  public struct Step: Equatable, Sendable {
    /// What led to the model.
    public let change: Change
    /// The criterion of the model.
    public let criterion: Double
  }

  /// The models on the way, the first included.
  public let steps: [Step]
  /// The columns kept, in the order of the final model.
  public let kept: [String]
  /// The final model.
  public let fit: LogisticFit

  /// Selects columns.
  ///
  /// - Parameters:
  ///   - design: All candidate columns (shape: n × p); rows with missing values must be left out
  ///     before, so that all models have the same rows.
  ///   - outcomes: Observed events (shape: n).
  ///   - direction: Where the search starts and which changes it tries.
  ///   - penaltyPerTerm: k, above 0: 2 for Akaike's criterion, log n for the Bayesian one.
  /// - Returns: The steps and the final model.
  /// - Throws: `outOfRange`, or as `LogisticFit.fit` for any model on the way.
  public static func select(
    _ design: DesignMatrix,
    outcomes: [Bool],
    direction: Direction,
    penaltyPerTerm: Double = 2
  ) throws(BiostatisticsError) -> StepwiseSelection {
    guard penaltyPerTerm > 0, penaltyPerTerm.isFinite else {
      throw .outOfRange(parameter: "penaltyPerTerm", value: penaltyPerTerm)
    }
    let problem = try LogisticProblem(
      design: design,
      outcomes: outcomes.map { $0 ? 1 : 0 },
      weights: nil,
      offset: nil
    )
    let search = StepwiseSearch(
      problem: problem,
      direction: direction,
      penaltyPerTerm: penaltyPerTerm,
      options: try LogisticOptions().checked()
    )
    let found = try search.run()
    let kept = found.columns.map { design.columnNames[$0 - 1] }
    return StepwiseSelection(
      steps: found.steps,
      kept: kept,
      fit: try LogisticFit.fit(design.selecting(columns: kept), outcomes: outcomes)
    )
  }
}

/// The search itself, on rows that may bear weights.
struct StepwiseSearch {
  let problem: LogisticProblem
  let direction: StepwiseSelection.Direction
  let penaltyPerTerm: Double
  let options: CheckedLogisticOptions

  /// The final model: positions of its terms without the intercept, its coefficients, the steps.
  struct Result {
    var columns: [Int]
    var coefficients: [Double]
    var steps: [StepwiseSelection.Step]
  }

  private struct Model {
    let columns: [Int]
    let coefficients: [Double]
    let criterion: Double
  }

  func run() throws(BiostatisticsError) -> Result {
    let all = Array(1..<max(1, problem.termCount))
    var current = try fit(direction == .forward ? [] : all, start: nil)
    var steps = [StepwiseSelection.Step(change: .start, criterion: current.criterion)]
    // Every step lowers the criterion, so no model comes twice.
    for _ in 0..<10_000 {
      var best: (model: Model, change: StepwiseSelection.Change)?
      for (columns, start, change) in candidates(current, all: all) {
        let model = try fit(columns, start: start)
        if model.criterion < (best?.model ?? current).criterion { best = (model, change) }
      }
      guard let best else {
        return Result(
          columns: current.columns,
          coefficients: current.coefficients,
          steps: steps
        )
      }
      current = best.model
      steps.append(StepwiseSelection.Step(change: best.change, criterion: current.criterion))
    }
    throw .notConverged(iterations: 10_000)
  }

  private func candidates(
    _ model: Model,
    all: [Int]
  ) -> [(columns: [Int], start: [Double], change: StepwiseSelection.Change)] {
    var result: [([Int], [Double], StepwiseSelection.Change)] = []
    if direction != .forward {
      for (position, column) in model.columns.enumerated() {
        var columns = model.columns
        var start = model.coefficients
        columns.remove(at: position)
        start.remove(at: position + 1)
        result.append((columns, start, .dropped(problem.terms[column])))
      }
    }
    if direction != .backward {
      for column in all where !model.columns.contains(column) {
        let start = model.coefficients + [0]
        result.append((model.columns + [column], start, .added(problem.terms[column])))
      }
    }
    return result
  }

  private func fit(_ columns: [Int], start: [Double]?) throws(BiostatisticsError) -> Model {
    let part = problem.selecting(columns)
    let maximum = try part.maximumLikelihood(start: start, options: options)
    return Model(
      columns: columns,
      coefficients: maximum.coefficients,
      criterion: -2 * maximum.logLikelihood + penaltyPerTerm * Double(columns.count + 1)
    )
  }
}

extension LogisticProblem {
  /// The problem of some columns, given by the positions of their terms; 0 is the intercept.
  func selecting(_ columns: [Int]) -> LogisticProblem {
    var kept: [Double] = []
    kept.reserveCapacity(columns.count * stride)
    for column in columns {
      kept.append(contentsOf: values[(column - 1) * stride..<column * stride])
    }
    return LogisticProblem(
      terms: [Coefficient.interceptTerm] + columns.map { terms[$0] },
      values: kept,
      outcomes: outcomes,
      weights: weights,
      offset: offset,
      ranges: ranges
    )
  }
}
