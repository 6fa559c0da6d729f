// SPDX-License-Identifier: Apache-2.0

/// How a patient counts in an analysis of the outcome.
public enum OutcomeStatus: String, Codable, Hashable, Sendable, CaseIterable {
  /// The outcome happened.
  case event
  /// The outcome did not happen.
  case nonEvent = "non_event"
  /// Something else made the outcome impossible; left out of the primary analysis.
  case competing
  /// Not known; never counted as a non-event.
  case missing
}

/// The outcome of an analysis plan: its rule names columns by role.
///
/// Progression or tumour-related death before the assessment is an event; otherwise the assessed
/// category decides. With none assessable, progression or tumour-related death up to the limit is
/// an event, any other death up to it is competing, and anything else is missing.
public struct OutcomeDefinition: Codable, Hashable, Sendable {
  /// The outcome's short name.
  public let name: String
  /// What is predicted, in words that stand wherever a risk stands.
  public let label: String
  /// The assessment that decides.
  public let response: Response
  /// An earlier assessment whose progression counts as before the deciding one.
  public let early: Early?
  /// The first progression.
  public let progression: Progression
  /// Death.
  public let death: Death
  /// The last day, from treatment start, on which an event counts without an assessment.
  public let limit: Int

  /// The assessment that decides.
  public struct Response: Codable, Hashable, Sendable {
    /// The column of the category.
    public let column: String
    /// The column of its day.
    public let date: String
    /// The categories that are the outcome.
    public let events: [String]
    /// The categories that are not; a category in neither list is not assessable.
    public let nonevents: [String]
    /// The categories that are progression.
    public let progressive: [String]

    /// Makes the role.
    public init(
      column: String,
      date: String,
      events: [String],
      nonevents: [String],
      progressive: [String]
    ) {
      self.column = column
      self.date = date
      self.events = events
      self.nonevents = nonevents
      self.progressive = progressive
    }
  }

  /// An earlier assessment.
  public struct Early: Codable, Hashable, Sendable {
    /// The column of the category.
    public let column: String
    /// The categories that are progression.
    public let progressive: [String]

    /// Makes the role.
    public init(column: String, progressive: [String]) {
      self.column = column
      self.progressive = progressive
    }
  }

  /// The first progression.
  public struct Progression: Codable, Hashable, Sendable {
    /// The column of its day.
    public let date: String

    /// Makes the role.
    public init(date: String) { self.date = date }
  }

  /// Death.
  public struct Death: Codable, Hashable, Sendable {
    /// The column of its day.
    public let date: String
    /// The column of its cause.
    public let cause: String
    /// The causes that are tumour-related.
    public let tumour: [String]

    /// Makes the role.
    public init(date: String, cause: String, tumour: [String]) {
      self.date = date
      self.cause = cause
      self.tumour = tumour
    }
  }

  /// Makes a definition.
  public init(
    name: String,
    label: String,
    response: Response,
    early: Early?,
    progression: Progression,
    death: Death,
    limit: Int
  ) {
    self.name = name
    self.label = label
    self.response = response
    self.early = early
    self.progression = progression
    self.death = death
    self.limit = limit
  }
}

extension OutcomeDefinition {
  /// How one patient counts.
  public func classify(_ row: AnalysisRow) -> OutcomeStatus {
    let category = row.code(response.column)
    let isAssessable =
      category.map { response.events.contains($0) || response.nonevents.contains($0) } ?? false
    let deathDay = row.day(death.date)
    let isTumourDeath = row.code(death.cause).map(death.tumour.contains) ?? false
    let eventDays = [row.day(progression.date), isTumourDeath ? deathDay : nil].compactMap(\.self)
    let isEarlyProgression =
      early.flatMap { role in row.code(role.column).map(role.progressive.contains) } ?? false

    if isAssessable, let category {
      if isEarlyProgression || response.events.contains(category) { return .event }
      guard let assessed = row.day(response.date) else { return .nonEvent }
      return eventDays.contains { $0 < assessed } ? .event : .nonEvent
    }
    if isEarlyProgression || eventDays.contains(where: { $0 <= limit }) { return .event }
    guard let deathDay, deathDay <= limit, !isTumourDeath else { return .missing }
    return .competing
  }
}
