// SPDX-License-Identifier: Apache-2.0

/// How far an analysis is.
public struct AnalysisProgress: Hashable, Sendable {
  /// What is being computed, in words.
  public let stage: String
  /// The share that is done, 0 to 1; it never falls.
  public let fraction: Double
}

/// How many tasks an analysis may use, and who is told how far it is.
///
/// The number of tasks changes no figure: every piece of work has a place of its own, and what is
/// summed is summed in the order of the places.
public struct Workers: Sendable {
  /// Tasks at once.
  public let count: Int
  let report: (@Sendable (AnalysisProgress) -> Void)?
  /// The part of the whole that this work makes up.
  private let part: ClosedRange<Double>

  /// Joins the parts.
  ///
  /// - Parameters:
  ///   - count: Tasks at once, at least 1.
  ///   - report: Is told of progress, by any task, one call at a time.
  public init(count: Int = 1, report: (@Sendable (AnalysisProgress) -> Void)? = nil) {
    self.init(count: count, report: report, part: 0...1)
  }

  private init(
    count: Int,
    report: (@Sendable (AnalysisProgress) -> Void)?,
    part: ClosedRange<Double>
  ) {
    self.count = max(1, count)
    self.report = report
    self.part = part
  }

  /// The same workers for some part of their work.
  func within(_ share: ClosedRange<Double>) -> Workers {
    let width = part.upperBound - part.lowerBound
    let low = part.lowerBound + width * share.lowerBound
    return Workers(
      count: count,
      report: report,
      part: low...max(low, part.lowerBound + width * share.upperBound)
    )
  }

  /// Says what is being done before the first figure.
  public func tell(_ stage: String) { tell(stage, 0) }

  /// Tells how far this part is.
  func tell(_ stage: String, _ fraction: Double) {
    guard let report else { return }
    let width = part.upperBound - part.lowerBound
    report(AnalysisProgress(stage: stage, fraction: part.lowerBound + width * fraction))
  }
}
