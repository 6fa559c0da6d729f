// SPDX-License-Identifier: Apache-2.0

public import Replication

/// Makes a patient's analysis row from the heads of the merged record.
public enum CutRowBuilder {
  /// The row of one patient, with derived indices.
  ///
  /// Several registrations of one patient are united: their heads compete as in one register.
  /// Readings count only when settled, and stand apart before; retracted values are absent. A value
  /// that its field does not allow is left out and listed: implausible content is admitted, never
  /// analysed.
  ///
  /// - Parameters:
  ///   - patient: The name of the patient, the smallest id of the united registrations.
  ///   - site: The site's code.
  ///   - rows: The heads of all registrations, by address.
  ///   - study: The study.
  ///   - history: The addresses of all registrations that were ever in conflict; nil where that is
  ///     not known.
  /// - Returns: The row; its values hold no retracted and no implausible value.
  public static func row(
    patient: PatientID,
    site: String,
    rows: [RowAddress: RowHeads],
    study: Study,
    history: [Address]? = nil
  ) -> AnalysisRow {
    var values: [String: Value] = [:]
    var conflicts: Set<String> = []
    var implausible: [String] = []
    for (column, candidates) in settledHeads(rows, study) {
      guard let shown = candidates.max(by: isBefore) else { continue }
      if candidates.contains(where: { $0.value != shown.value }) { conflicts.insert(column) }
      if shown.value == .retracted { continue }
      guard let field = study.column(column)?.field, field.allows(shown.value) else {
        implausible.append(column)
        continue
      }
      values[column] = shown.value
    }
    var row = AnalysisRow(
      patient: patient.description,
      site: site,
      hasConflict: !conflicts.isEmpty,
      everInConflict: history.map { addresses in
        conflicts.union(addresses.compactMap { settledColumn($0.field, at: $0.row, study) })
          .sorted()
      },
      implausibleColumns: implausible.sorted(),
      values: values,
      readings: readings(rows, study)
    )
    row.addDerived(study)
    return row
  }

  /// The heads of every settled column.
  private static func settledHeads(
    _ rows: [RowAddress: RowHeads],
    _ study: Study
  ) -> [String: [Head]] {
    var heads: [String: [Head]] = [:]
    for (address, registers) in rows {
      for (name, register) in registers {
        guard let column = settledColumn(name, at: address, study) else { continue }
        heads[column, default: []].append(contentsOf: register.heads)
      }
    }
    return heads
  }

  /// The column of a field at an address; nil for blinded readings and for what is no column.
  private static func settledColumn(
    _ name: String,
    at address: RowAddress,
    _ study: Study
  ) -> String? {
    guard address.reader.isEmpty || address.reader == study.profile.consensus,
      let field = study.dictionary.field(name, event: address.event),
      field.hasReaders == !address.reader.isEmpty, !field.isIdentifying
    else { return nil }
    return study.dictionary.column(name, event: address.event)
  }

  /// What blinded readers saw, by reader and column.
  private static func readings(
    _ rows: [RowAddress: RowHeads],
    _ study: Study
  ) -> [String: [String: Value]] {
    var result: [String: [String: Head]] = [:]
    for (address, registers) in rows {
      guard !address.reader.isEmpty, address.reader != study.profile.consensus else { continue }
      for (name, register) in registers {
        guard let field = study.dictionary.field(name, event: address.event), field.hasReaders,
          !field.isIdentifying, let shown = register.heads.max(by: isBefore),
          field.allows(shown.value)
        else { continue }
        let column = study.dictionary.column(name, event: address.event)
        let known = result[address.reader]?[column]
        if known.map({ isBefore($0, shown) }) ?? true {
          result[address.reader, default: [:]][column] = shown
        }
      }
    }
    return result.mapValues { $0.mapValues(\.value) }
  }

  private static func isBefore(_ left: Head, _ right: Head) -> Bool {
    (left.lamport, left.dot.replica, left.dot.sequence)
      < (right.lamport, right.dot.replica, right.dot.sequence)
  }
}

extension FieldDefinition {
  /// Whether a value has the field's kind, is one of its choices and keeps its hard limit.
  package func allows(_ value: Value) -> Bool {
    switch (type, value) {
    case (_, .missing): !isIdentifying
    case (.integer, .integer(let number)): isPossible(Double(number))
    case (.decimal, .decimal(let number)): number.isFinite && isPossible(number)
    case (.choice, .code(let code)): choices.contains(code)
    case (.boolean, .boolean): true
    case (.date, .day(let day)): disclosure == .asDayOffset && isPossible(Double(day))
    default: false
    }
  }

  private func isPossible(_ number: Double) -> Bool { hard?.contains(number) ?? true }
}
