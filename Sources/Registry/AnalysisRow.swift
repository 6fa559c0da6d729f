// SPDX-License-Identifier: Apache-2.0

public import Replication

/// One patient's row of a data cut: settled values and derived indices by column name.
public struct AnalysisRow: Hashable, Sendable {
  /// The patient id, 32 hexadecimal digits, or a row label in a file without ids.
  public let patient: String
  /// The site's code.
  public let site: String
  /// Whether any value of the row is one of several concurrent ones.
  public let hasConflict: Bool
  /// Columns that were ever in conflict, resolved or not, in order; nil where no history is known.
  public let everInConflict: [String]?
  /// Columns whose values were left out because their kind or hard limit forbids them.
  public let implausibleColumns: [String]
  /// Values by column: the field, with the event as suffix where the field has several.
  public var values: [String: Value]
  /// By reader, what blinded readers saw before it was settled, by column.
  public var readings: [String: [String: Value]]

  /// Makes a row.
  public init(
    patient: String,
    site: String,
    hasConflict: Bool = false,
    everInConflict: [String]? = nil,
    implausibleColumns: [String] = [],
    values: [String: Value],
    readings: [String: [String: Value]] = [:]
  ) {
    self.patient = patient
    self.site = site
    self.hasConflict = hasConflict
    self.everInConflict = everInConflict
    self.implausibleColumns = implausibleColumns
    self.values = values
    self.readings = readings
  }

  /// A row of an imported file, with dates as day offsets, age and derived indices.
  ///
  /// Readings other than the settled ones stand apart from the values.
  public init(patient: String, site: String, row: ImportRow, study: Study) {
    var values: [String: Value] = [:]
    var readings: [String: [String: Value]] = [:]
    let start = row.date(study.profile.roles.treatmentStart)
    for write in row.writes {
      let column = study.dictionary.column(write.field, event: write.event)
      let value = write.value.analysed(from: start)
      if write.reader.isEmpty || write.reader == study.profile.consensus {
        values[column] = value
      } else {
        readings[write.reader, default: [:]][column] = value
      }
    }
    if let start, let birth = row.date(study.profile.roles.birthDate) {
      values[study.profile.roles.age] = .integer(Int64(start.age(bornOn: birth)))
    }
    self.init(patient: patient, site: site, values: values, readings: readings)
    addDerived(study)
  }

  /// The row as one reader saw it: the reader's own values in place of the settled ones.
  ///
  /// - Returns: nil when the reader read nothing of the patient.
  public func asRead(by reader: String) -> AnalysisRow? {
    guard let own = readings[reader] else { return nil }
    var row = self
    row.values.merge(own) { $1 }
    return row
  }

  /// A column as a number: yes is 1, no is 0, a date is its day; nothing when it is not one.
  public func number(_ column: String) -> Double? { values[column]?.number }

  /// A column's code; nothing when it is not one.
  public func code(_ column: String) -> String? {
    guard case .code(let code) = values[column] else { return nil }
    return code
  }

  /// A column's day offset from treatment start; nothing when it is not known.
  public func day(_ column: String) -> Int? {
    guard case .day(let day) = values[column] else { return nil }
    return Int(day)
  }

  /// Computes every derived index whose inputs are known; others keep what the row had.
  ///
  /// A reader's own readings get the indices that they change.
  public mutating func addDerived(_ study: Study) {
    study.addDerived(to: &values)
    for (reader, own) in readings {
      var seen = values.merging(own) { $1 }
      study.addDerived(to: &seen)
      for index in study.derived where seen[index.column] != values[index.column] {
        readings[reader]?[index.column] = seen[index.column]
      }
    }
  }
}

extension Study {
  func addDerived(to values: inout [String: Value]) {
    for index in derived {
      guard let result = index.formula.evaluate({ values[$0]?.result }) else { continue }
      values[index.column] =
        switch result {
        case .number(let number): .decimal(number)
        case .flag(let flag): .boolean(flag)
        case .code(let code): .code(code)
        }
    }
  }
}

extension Value {
  /// The value as a formula sees it.
  var result: Expression.Result? {
    switch self {
    case .integer(let number): .number(Double(number))
    case .decimal(let number): .number(number)
    case .day(let day): .number(Double(day))
    case .boolean(let flag): .flag(flag)
    case .code(let code): .code(code)
    case .patient, .missing, .retracted, .erased: nil
    }
  }

  /// The value as a number.
  package var number: Double? {
    switch self {
    case .integer(let number): Double(number)
    case .decimal(let number): number
    case .day(let day): Double(day)
    case .boolean(let flag): flag ? 1 : 0
    case .code, .patient, .missing, .retracted, .erased: nil
    }
  }
}
