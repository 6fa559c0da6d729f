// SPDX-License-Identifier: Apache-2.0

/// How much better a model looks on its own data than on new patients, by the bootstrap.
///
/// Each resample is fitted anew; its optimism is the resample's model measured on the resample
/// minus the same model measured on the original data. Corrected values are apparent values
/// minus the mean optimism. Resamples without a fit (separated, of one outcome, of dependent
/// columns) are left out and listed: many of them bias the optimism down, and
/// `Procedure.firth` avoids them.
///
/// Source: Efron & Gong, Am Stat 1983;37:36–48, doi:10.2307/2685844; Harrell et al., Stat Med
/// 1996;15:361–387, doi:10.1002/(SICI)1097-0258(19960229)15:4<361::AID-SIM168>3.0.CO;2-4.
public struct OptimismCorrection: Equatable, Sendable {
  /// How a model is made from data; all of it is repeated in every resample.
  public enum Procedure: Equatable, Hashable, Sendable {
    /// Maximum likelihood with all columns.
    case maximumLikelihood
    /// Firth's penalised likelihood with all columns.
    case firth
    /// Stepwise selection of columns, then maximum likelihood; k is the penalty per term.
    case stepwise(StepwiseSelection.Direction, penaltyPerTerm: Double)
  }

  /// The measures of one model on one set of patients.
  public struct Measures: Equatable, Hashable, Codable, Sendable {
    /// The area under the curve; Somers' D is 2 × area − 1.
    public var auc: Double
    /// The calibration slope.
    public var slope: Double
    /// The calibration intercept estimated jointly with the slope.
    public var jointIntercept: Double
    /// Calibration-in-the-large.
    public var inTheLarge: Double
    /// The Brier score.
    public var brier: Double
  }

  /// A resample that was left out.
  public struct LeftOut: Equatable, Sendable {
    /// Its position, from 0.
    public let resample: Int
    /// Why it has no fit.
    public let reason: BiostatisticsError
  }

  /// The model of all patients, measured on them.
  public let apparent: Measures
  /// The mean over resamples of their model on the resample.
  public let meanTraining: Measures
  /// The mean over resamples of their model on the original patients.
  public let meanTest: Measures
  /// `meanTraining` − `meanTest`.
  public let optimism: Measures
  /// `apparent` − `optimism`.
  public let corrected: Measures
  /// The measures on the original patients of each resample used, in order.
  public let tests: [Measures]
  /// The resamples left out.
  public let leftOut: [LeftOut]

  /// The number of resamples used.
  public var usedCount: Int { tests.count }
}

extension OptimismCorrection {
  /// Corrects for optimism with given resamples.
  ///
  /// - Parameters:
  ///   - design: The predictors (shape: n × p).
  ///   - outcomes: Observed events (shape: n), of both kinds.
  ///   - resamples: Row positions from 0, one array for each resample.
  ///   - procedure: How a model is made.
  /// - Returns: Apparent, optimism and corrected measures.
  /// - Throws: As a fit to all patients; `outOfRange` for a row that does not exist; `tooFew`
  ///   when no resample could be used.
  public static func measure(
    _ design: DesignMatrix,
    outcomes: [Bool],
    resamples: [[Int]],
    procedure: Procedure = .maximumLikelihood
  ) throws(BiostatisticsError) -> OptimismCorrection {
    let bootstrap = try OptimismBootstrap(design, outcomes: outcomes, procedure: procedure)
    for rows in resamples {
      guard let wrong = rows.first(where: { !(0..<design.rowCount).contains($0) }) else { continue }
      throw .outOfRange(parameter: "row", value: Double(wrong))
    }
    return try bootstrap.summary(
      resamples.map { bootstrap.result(weights: bootstrap.patterns.weights(rows: $0)) }
    )
  }

  /// Corrects for optimism with resamples drawn from a seed: the same ones in every run.
  ///
  /// - Parameters:
  ///   - design: The predictors (shape: n × p).
  ///   - outcomes: Observed events (shape: n), of both kinds.
  ///   - resampleCount: 1 to 1,000,000.
  ///   - seed: Chooses the resamples.
  ///   - procedure: How a model is made.
  /// - Returns: Apparent, optimism and corrected measures.
  /// - Throws: As with given resamples.
  public static func measure(
    _ design: DesignMatrix,
    outcomes: [Bool],
    resampleCount: Int,
    seed: UInt64,
    procedure: Procedure = .maximumLikelihood
  ) throws(BiostatisticsError) -> OptimismCorrection {
    let bootstrap = try OptimismBootstrap(design, outcomes: outcomes, procedure: procedure)
    try check(resampleCount)
    return try bootstrap.summary(bootstrap.results(0..<resampleCount, seed: seed))
  }

  /// As with one thread, to the last bit, on several.
  ///
  /// - Parameters:
  ///   - design: The predictors (shape: n × p).
  ///   - outcomes: Observed events (shape: n), of both kinds.
  ///   - resampleCount: 1 to 1,000,000.
  ///   - seed: Chooses the resamples.
  ///   - taskCount: 1 to 256 tasks at once.
  ///   - procedure: How a model is made.
  /// - Returns: Apparent, optimism and corrected measures.
  /// - Throws: As with given resamples.
  @concurrent
  public static func measure(
    _ design: DesignMatrix,
    outcomes: [Bool],
    resampleCount: Int,
    seed: UInt64,
    taskCount: Int,
    procedure: Procedure = .maximumLikelihood
  ) async throws(BiostatisticsError) -> OptimismCorrection {
    guard (1...256).contains(taskCount) else {
      throw .outOfRange(parameter: "taskCount", value: Double(taskCount))
    }
    let bootstrap = try OptimismBootstrap(design, outcomes: outcomes, procedure: procedure)
    try check(resampleCount)
    let share = (resampleCount + taskCount - 1) / taskCount
    let parts = await withTaskGroup(of: (Int, [OptimismBootstrap.Outcome]).self) { group in
      for start in stride(from: 0, to: resampleCount, by: share) {
        group.addTask {
          (start, bootstrap.results(start..<min(start + share, resampleCount), seed: seed))
        }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }
    return try bootstrap.summary(parts.sorted { $0.0 < $1.0 }.flatMap(\.1))
  }

  private static func check(_ resampleCount: Int) throws(BiostatisticsError) {
    guard (1...1_000_000).contains(resampleCount) else {
      throw .outOfRange(parameter: "resampleCount", value: Double(resampleCount))
    }
  }
}
