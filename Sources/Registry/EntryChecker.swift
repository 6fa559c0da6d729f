// SPDX-License-Identifier: Apache-2.0

public import Replication

/// Reads and checks entered values: the same checks for one typed value and for a file.
public struct EntryChecker: Sendable {
  let study: Study
  private let derivedInputs: [Set<String>]
  private let ruleInputs: [Set<String>]

  /// Makes a checker for a study.
  public init(study: Study) {
    self.study = study
    var inputs: [String: Set<String>] = [:]
    func entered(_ columns: Set<String>) -> Set<String> {
      columns.reduce(into: []) { $0.formUnion(inputs[$1] ?? [$1]) }
    }
    var derivedInputs: [Set<String>] = []
    for index in study.derived {
      let columns = entered(index.formula.columns)
      inputs[index.column] = columns
      derivedInputs.append(columns)
    }
    self.derivedInputs = derivedInputs
    ruleInputs = study.rules.map { entered($0.inputs) }
  }

  /// Checks what was entered for one patient, together with what is already known.
  ///
  /// Limits are checked for every write; rules and derived indices only where an entered column
  /// takes part, so that an old fault does not come back with every save.
  ///
  /// - Parameters:
  ///   - record: What was entered.
  ///   - treatmentStart: Day 0; without it no date is checked.
  ///   - birthDate: The birth date, when the age at day 0 is to be checked.
  ///   - existing: The patient's heads before this entry.
  ///   - row: The row that problems name.
  /// - Returns: Refusals and warnings, in the order of the writes.
  public func check(
    _ record: [EnteredWrite],
    treatmentStart: CalendarDate?,
    birthDate: CalendarDate? = nil,
    existing: [RowAddress: RowHeads] = [:],
    row: Int = 1
  ) -> [Problem] {
    var known = RecordValues()
    for (address, registers) in existing {
      for (field, register) in registers {
        guard let value = register.provisional?.value, value != .retracted else { continue }
        let column = study.dictionary.column(field, event: address.event)
        known.set(column, reader: address.reader, value)
      }
    }
    return check(
      record,
      treatmentStart: treatmentStart,
      birthDate: birthDate,
      known: &known,
      row: row
    )
  }

  /// As the public check, over values that earlier rows of a file gave; adds this row's.
  func check(
    _ record: [EnteredWrite],
    treatmentStart: CalendarDate?,
    birthDate: CalendarDate?,
    known: inout RecordValues,
    row: Int
  ) -> [Problem] {
    var problems: [Problem] = []
    var written: [String: Set<String>] = [:]
    for write in record {
      guard let field = study.dictionary.field(write.field, event: write.event) else { continue }
      let column = study.dictionary.column(write.field, event: write.event)
      if let found = limitProblem(write.value, field, column, from: treatmentStart) {
        problems.append(
          Problem(
            row: row,
            column: column,
            found.code,
            found.message,
            isWarning: found.isWarning
          )
        )
      }
      guard let value = write.value.analysed(from: treatmentStart) else { continue }
      known.set(column, reader: write.reader, value)
      written[write.reader, default: []].insert(column)
    }
    if let birthDate, let treatmentStart {
      let age = treatmentStart.age(bornOn: birthDate)
      problems += ageProblems(age, record, row: row)
      known.set(study.profile.roles.age, reader: "", .integer(Int64(age)))
    }
    let general = written.removeValue(forKey: "") ?? []
    if !general.isEmpty { written[study.profile.consensus, default: []].formUnion(general) }
    for reader in written.keys.sorted() {
      let isSettled = reader == study.profile.consensus
      problems += relationProblems(
        known.values(reader: reader),
        entered: written[reader] ?? [],
        isSettled: isSettled,
        row: row
      )
    }
    return problems
  }

  private func relationProblems(
    _ values: [String: Value],
    entered: Set<String>,
    isSettled: Bool,
    row: Int
  ) -> [Problem] {
    var values = values
    study.addDerived(to: &values)
    var problems: [Problem] = []
    for (rule, inputs) in zip(study.rules, ruleInputs) where !inputs.isDisjoint(with: entered) {
      guard rule.claim.evaluate({ values[$0]?.result }) == .flag(false) else { continue }
      problems.append(
        Problem(
          row: row,
          column: rule.column,
          rule.code,
          rule.message,
          isWarning: isSettled ? rule.isWarning : rule.isReaderWarning
        )
      )
    }
    for (index, inputs) in zip(study.derived, derivedInputs)
    where !inputs.isDisjoint(with: entered) {
      guard let soft = index.soft, let number = values[index.column]?.number,
        !soft.contains(number)
      else { continue }
      problems.append(
        Problem(
          row: row,
          column: index.column,
          .outsideSoftLimit,
          "\(index.column), computed from this row, is outside \(soft.words(index.unit)); "
            + "check the values that it is made of.",
          isWarning: true
        )
      )
    }
    for check in study.profile.responseChecks where entered.contains(check.response) {
      if let message = check.disagreement(values) {
        problems.append(
          Problem(row: row, column: check.response, .responseDiffers, message, isWarning: true)
        )
      }
    }
    return problems
  }

  private func ageProblems(_ age: Int, _ record: [EnteredWrite], row: Int) -> [Problem] {
    let name = study.profile.roles.age
    if let typed = record.first(where: { $0.field == name }),
      case .integer(let number) = typed.value,
      number != Int64(age), min(number, Int64(age)) < Int64(study.profile.pooledAge)
    {
      let message =
        "\(name) is not the age that both dates give; leave it blank or check the dates."
      return [Problem(row: row, column: name, .crossField, message)]
    }
    guard let field = study.dictionary.field(study.profile.roles.age, event: nil) else { return [] }
    let column = study.profile.roles.birthDate
    if let hard = field.hard, !hard.contains(Double(age)) {
      let message =
        "The age at treatment start is outside \(hard.words(field.unit)); check both dates."
      return [Problem(row: row, column: column, .outsideHardLimit, message)]
    }
    guard let soft = field.soft, !soft.contains(Double(age)) else { return [] }
    let message =
      "The age at treatment start is outside \(soft.words(field.unit)); check both dates."
    return [Problem(row: row, column: column, .outsideSoftLimit, message, isWarning: true)]
  }
}

/// A patient's values by column, each reader's readings apart.
struct RecordValues {
  private var general: [String: Value] = [:]
  private var readings: [String: [String: Value]] = [:]

  mutating func set(_ column: String, reader: String, _ value: Value) {
    if reader.isEmpty {
      general[column] = value
    } else {
      readings[reader, default: [:]][column] = value
    }
  }

  /// The values without a reader, and those of one reader.
  func values(reader: String) -> [String: Value] {
    guard let own = readings[reader] else { return general }
    return general.merging(own) { $1 }
  }
}

extension StudyProfile.ResponseCheck {
  /// What to say when the entered category is not the measured one.
  fileprivate func disagreement(_ values: [String: Value]) -> String? {
    guard case .code(let entered) = values[response], values[baseline]?.number != nil else {
      return nil
    }
    let sums = earlier.compactMap { values[$0]?.number }
    var nonTarget: NonTargetResponse?
    if case .code(let code) = values[nontarget] { nonTarget = NonTargetResponse(rawValue: code) }
    let measured = ResponseMeasurements(
      baseline: values[baseline]?.number,
      nadir: sums.min(),
      current: values[current]?.number,
      hasNewLesion: values[newLesion]?.number.map { $0 == 1 },
      nonTarget: nonTarget
    ).category
    guard measured != .notEvaluable, measured.rawValue != entered else { return nil }
    return "The viable diameters, new and non-target lesions give \(measured.rawValue), "
      + "not \(entered); check the category and the measurements."
  }
}
