// SPDX-License-Identifier: Apache-2.0

/// Which columns make up progression-free survival, as roles in the analysis plan.
///
/// The event is the first of progression and tumour-related death. Without one, the patient is
/// censored at the last adequate tumour assessment, whatever the response: SD is no event.
public struct ProgressionFreeSurvival: Codable, Hashable, Sendable {
  /// The column of the day of progression.
  public let progression: String
  /// The column of the day of death.
  public let death: String
  /// The column of the cause of death.
  public let cause: String
  /// The causes that are tumour-related.
  public let tumour: [String]
  /// The column of the day of the last adequate assessment.
  public let assessment: String
  /// The column of an imported time, used where the components are not known.
  public let time: String
  /// The column that says whether the imported time is an event's.
  public let event: String

  /// Makes the roles.
  public init(
    progression: String,
    death: String,
    cause: String,
    tumour: [String],
    assessment: String,
    time: String,
    event: String
  ) {
    self.progression = progression
    self.death = death
    self.cause = cause
    self.tumour = tumour
    self.assessment = assessment
    self.time = time
    self.event = event
  }

  /// Days from treatment start and whether they end in the event.
  public struct Time: Hashable, Sendable {
    /// Whole days from treatment start.
    public let days: Int
    /// Whether the event happened then.
    public let isEvent: Bool
  }

  /// The patient's time, or nothing when it is not known.
  public func derive(_ row: AnalysisRow) -> Time? {
    let isTumourDeath = row.code(cause).map(tumour.contains) ?? false
    let days = [row.day(progression), isTumourDeath ? row.day(death) : nil].compactMap(\.self)
    if let first = days.min() { return Time(days: first, isEvent: true) }
    if let last = row.day(assessment) { return Time(days: last, isEvent: false) }
    guard let days = row.day(time), let isEvent = row.number(event) else { return nil }
    return Time(days: days, isEvent: isEvent == 1)
  }
}
