// SPDX-License-Identifier: Apache-2.0

extension ImportReader {
  /// Checks limits and rules, once every row of a patient is known.
  mutating func checkRows() {
    if hasSeveralRows {
      checkTogether()
    } else {
      checkEachAlone()
    }
  }

  private mutating func checkEachAlone() {
    for row in rows {
      var values = RecordValues()
      check(row, start: row.date(study.profile.roles.treatmentStart), known: &values)
    }
  }

  private mutating func checkTogether() {
    let roles = study.profile.roles
    var starts: [PatientKey: CalendarDate] = [:]
    var births: [PatientKey: CalendarDate] = [:]
    for row in rows {
      note(row.date(roles.treatmentStart), row, roles.treatmentStart, &starts)
      note(row.date(roles.birthDate), row, roles.birthDate, &births)
    }
    var known: [PatientKey: RecordValues] = [:]
    var given: [PatientKey: [FieldPlace: EnteredValue]] = [:]
    for row in rows {
      var values = known.removeValue(forKey: row.mrn) ?? RecordValues()
      check(row, start: starts[row.mrn], known: &values)
      known[row.mrn] = values
      noteValues(row, &given)
    }
  }

  private mutating func check(
    _ row: ImportRow,
    start: CalendarDate?,
    known: inout RecordValues
  ) {
    let found = checker.check(
      row.writes,
      treatmentStart: start,
      birthDate: row.date(study.profile.roles.birthDate),
      known: &known,
      row: row.row
    )
    found.forEach { report($0) }
  }

  private struct FieldPlace: Hashable {
    let event: String
    let reader: String
    let field: String
  }

  private mutating func note(
    _ date: CalendarDate?,
    _ row: ImportRow,
    _ column: String,
    _ dates: inout [PatientKey: CalendarDate]
  ) {
    guard let date else { return }
    guard let first = dates.updateValue(date, forKey: row.mrn), first != date else { return }
    dates[row.mrn] = first
    report(differs(row.row, column))
  }

  private mutating func noteValues(
    _ row: ImportRow,
    _ given: inout [PatientKey: [FieldPlace: EnteredValue]]
  ) {
    for write in row.writes {
      let place = FieldPlace(event: write.event, reader: write.reader, field: write.field)
      guard let first = given[row.mrn, default: [:]].updateValue(write.value, forKey: place),
        first != write.value
      else { continue }
      report(differs(row.row, study.dictionary.column(write.field, event: write.event)))
    }
  }

  private func differs(_ row: Int, _ column: String) -> Problem {
    Problem(
      row: row,
      column: column,
      .duplicateValue,
      "\(column) differs from an earlier row of the same patient; keep one value."
    )
  }
}
