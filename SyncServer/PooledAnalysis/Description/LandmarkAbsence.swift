// SPDX-License-Identifier: Apache-2.0
import Registry
import RiskModel

/// What had become of patients without a predictor by the day at which it is known.
///
/// No record says why an examination was not done. Progression or death before it is a reason that
/// speaks of the outcome; an end of follow-up is another; of patients who were still followed the
/// reason is not known.
public struct LandmarkAbsence: Codable, Hashable, Sendable {
  /// The day from treatment start.
  public var landmarkDay: Int
  /// By predictor.
  public var columns: [Column]

  private enum CodingKeys: String, CodingKey {
    case columns
    case landmarkDay = "landmark_day"
  }

  /// One predictor.
  public struct Column: Codable, Hashable, Sendable {
    /// The predictor's column.
    public var column: String
    /// Patients without a usable value.
    public var missing: Int
    /// Of these, patients who had died by the day.
    public var died: Int
    /// Of these, patients who had progressed by the day, and lived.
    public var progressed: Int
    /// Of these, patients whose follow-up had ended by the day, without either.
    public var ended: Int
    /// Of these, patients who were followed beyond the day: the reason is not known.
    public var followed: Int
    /// Of these, patients of whom no follow-up is known.
    public var unknown: Int
  }
}

extension LandmarkAbsence {
  /// Patients who have not withdrawn; nil where the plan has no landmark.
  static func measure(_ rows: PooledRows, _ plan: AnalysisPlan) -> LandmarkAbsence? {
    guard let day = plan.landmarkDay, let definition = plan.survival else { return nil }
    let present = rows.rows.filter { $0.number(plan.withdrawn) != 1 }
    let columns = plan.predictors.map { predictor in
      var own = Column(
        column: predictor.column,
        missing: 0,
        died: 0,
        progressed: 0,
        ended: 0,
        followed: 0,
        unknown: 0
      )
      for row in present where AnalysisSet.terms(of: predictor, in: row, plan: plan) == nil {
        own.add(row, day: day, definition)
      }
      return own
    }
    return LandmarkAbsence(landmarkDay: day, columns: columns)
  }
}

extension LandmarkAbsence.Column {
  fileprivate mutating func add(
    _ row: AnalysisRow,
    day: Int,
    _ definition: ProgressionFreeSurvival
  ) {
    missing += 1
    if let death = row.day(definition.death), death <= day {
      died += 1
    } else if let time = definition.derive(row) {
      if time.days > day {
        followed += 1
      } else if time.isEvent {
        progressed += 1
      } else {
        ended += 1
      }
    } else {
      unknown += 1
    }
  }
}
