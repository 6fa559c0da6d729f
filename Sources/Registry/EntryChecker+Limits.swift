// SPDX-License-Identifier: Apache-2.0

/// A value outside a limit.
struct LimitProblem {
  let code: ProblemCode
  let message: String
  let isWarning: Bool
}

extension EntryChecker {
  /// The first limit that a value breaks, with the conversion offered where one fits.
  func limitProblem(
    _ value: EnteredValue,
    _ field: FieldDefinition,
    _ column: String,
    from start: CalendarDate?
  ) -> LimitProblem? {
    switch value {
    case .integer(let number): numberProblem(Double(number), field, column)
    case .decimal(let number): numberProblem(number, field, column)
    case .date(let date):
      start.flatMap { dayProblem(date.days(since: $0), field, column) }
    case .code, .boolean, .text, .missing: nil
    }
  }

  private func numberProblem(
    _ number: Double,
    _ field: FieldDefinition,
    _ column: String
  ) -> LimitProblem? {
    let isPossible = field.hard?.contains(number) ?? true
    if isPossible, field.soft?.contains(number) ?? true { return nil }
    let shown = Self.quoted(number)
    if let (conversion, converted) = conversion(number, field, isPossible: isPossible) {
      let advice =
        "\(column) of \(shown) looks like \(conversion.alternative): "
        + "enter \(converted) (\(field.unit))"
      return LimitProblem(
        code: .wrongUnit,
        message: advice + (isPossible ? ", or confirm the value." : "."),
        isWarning: isPossible
      )
    }
    guard isPossible, let soft = field.soft else {
      return LimitProblem(
        code: .outsideHardLimit,
        message: "\(column) of \(shown) is outside \(field.hard?.words(field.unit) ?? ""), "
          + "which is not possible; check the source and enter it again.",
        isWarning: false
      )
    }
    return LimitProblem(
      code: .outsideSoftLimit,
      message: "\(column) of \(shown) is outside \(soft.words(field.unit)), "
        + "which is unusual; check the source and confirm it.",
      isWarning: true
    )
  }

  /// The unit in which the number would be usual; for an impossible number, at least possible.
  private func conversion(
    _ number: Double,
    _ field: FieldDefinition,
    isPossible: Bool
  ) -> (UnitConversion, Double)? {
    let candidates = study.units.filter { $0.applies(to: field) }
      .map { ($0, NumberText.rounded(number * $0.factor)) }
    if let soft = field.soft, let usual = candidates.first(where: { soft.contains($0.1) }) {
      return usual
    }
    guard !isPossible, let hard = field.hard else { return nil }
    return candidates.first { hard.contains($0.1) }
  }

  private func dayProblem(
    _ day: Int,
    _ field: FieldDefinition,
    _ column: String
  ) -> LimitProblem? {
    guard field.disclosure == .asDayOffset else { return nil }
    if let hard = field.hard, !hard.contains(Double(day)) {
      if day < 0, hard.lowerBound >= 0 {
        return LimitProblem(
          code: .beforeTreatmentStart,
          message: "\(column) lies before treatment start; check both dates.",
          isWarning: false
        )
      }
      return LimitProblem(
        code: .outsideHardLimit,
        message: "\(column) is outside \(hard.words("")) from treatment start in days; "
          + "check both dates.",
        isWarning: false
      )
    }
    guard let soft = field.soft, !soft.contains(Double(day)) else { return nil }
    return LimitProblem(
      code: .outsideSoftLimit,
      message: "\(column) is outside \(soft.words("")) from treatment start in days, "
        + "which is unusual; check both dates and confirm it.",
      isWarning: true
    )
  }

  /// A number of at most eight characters, so that a record number in the wrong column stays out.
  private static func quoted(_ number: Double) -> String {
    let text = NumberText.limit(number)
    return text.utf8.count <= 8 ? text : "the value given"
  }
}

extension ClosedRange<Double> {
  /// The range in words, with its unit.
  func words(_ unit: String) -> String {
    let suffix = unit.isEmpty || unit == "1" ? "" : " \(unit)"
    if lowerBound == -.infinity { return "at most \(NumberText.limit(upperBound))\(suffix)" }
    if upperBound == .infinity { return "at least \(NumberText.limit(lowerBound))\(suffix)" }
    return "\(NumberText.limit(lowerBound)) to \(NumberText.limit(upperBound))\(suffix)"
  }
}
