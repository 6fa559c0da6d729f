// SPDX-License-Identifier: Apache-2.0

/// What each column of an imported file is.
struct ImportHeader {
  /// The role of a column.
  enum Role: Equatable {
    case recordNumber
    case event
    case reader
    case ignored
    /// An identifying field.
    case identity(FieldDefinition)
    /// A field of a known event.
    case column(DictionaryColumn)
    /// A field of the row's event.
    case fieldOfRow(String)
    case unknown
  }

  let names: [String]
  private(set) var roles: [Role] = []
  private(set) var problems: [Problem] = []
  /// Whether a patient may stand in several rows.
  let hasSeveralRows: Bool
  private let isREDCap: Bool

  init(_ cells: [String], study: Study) {
    names = cells.map(EntryChecker.trimmed)
    isREDCap = names.contains("redcap_event_name")
    hasSeveralRows = isREDCap || names.contains("event") || names.contains("reader")
    for (index, name) in names.enumerated() { roles.append(role(name, index, study)) }
    if isREDCap, !roles.contains(.recordNumber), !roles.isEmpty { roles[0] = .recordNumber }
    problems = findProblems(study)
  }

  /// The row's event as the study names it: REDCap adds the arm.
  func event(_ text: String) -> String {
    guard isREDCap, let arm = text.firstRange(of: "_arm_") else { return text }
    return String(text[..<arm.lowerBound])
  }

  private func role(_ name: String, _ index: Int, _ study: Study) -> Role {
    if name == study.profile.roles.recordNumber { return .recordNumber }
    if let known = structuralRole(name) { return known }
    if let column = study.dictionary.columns[name] {
      return column.field.isIdentifying ? .identity(column.field) : .column(column)
    }
    let isOfRow = hasSeveralRows && study.dictionary.field(name, event: nil) != nil
    return isOfRow ? .fieldOfRow(name) : .unknown
  }

  private func structuralRole(_ name: String) -> Role? {
    switch name {
    case "event" where !isREDCap, "redcap_event_name": return .event
    case "reader" where !isREDCap, "redcap_repeat_instance": return .reader
    case "redcap_repeat_instrument", "redcap_data_access_group": return .ignored
    default: return isREDCap && name.hasSuffix("_complete") ? .ignored : nil
    }
  }

  private func findProblems(_ study: Study) -> [Problem] {
    guard roles.contains(where: { $0 != .unknown }) else {
      // The first line may be a patient's: its cells are not repeated.
      let isSplitElsewhere = names.count == 1 && names[0].utf8.contains { $0 == 0x3B || $0 == 0x09 }
      let advice =
        isSplitElsewhere ? "separate the cells by commas." : "start the file with the column names."
      return [
        Problem(
          row: 0,
          column: "",
          .unknownColumn,
          "The first line names no known column; \(advice)"
        )
      ]
    }
    var found: [Problem] = []
    var seen: Set<String> = []
    for (index, name) in names.enumerated() {
      if roles[index] == .unknown {
        found.append(unknownColumn(name, index, study))
      } else if !seen.insert(name).inserted {
        found.append(
          Problem(
            row: 0,
            column: name,
            .duplicateColumn,
            "\(name) stands twice in the header; keep one column."
          )
        )
      }
    }
    return found + missingColumns(study)
  }

  private func missingColumns(_ study: Study) -> [Problem] {
    var found: [Problem] = []
    if !roles.contains(.recordNumber) {
      let name = study.profile.roles.recordNumber
      found.append(
        Problem(
          row: 0,
          column: name,
          .missingRecordNumber,
          "The file has no column \(name); add the hospital record numbers."
        )
      )
    }
    let start = study.profile.roles.treatmentStart
    if !hasSeveralRows, !names.contains(start) {
      found.append(
        Problem(
          row: 0,
          column: start,
          .missingTreatmentStart,
          "The file has no column \(start); add the date of the first dose."
        )
      )
    }
    return found
  }

  private func unknownColumn(_ name: String, _ index: Int, _ study: Study) -> Problem {
    let shown = name.count <= 64 ? name : String(name.prefix(64)) + "…"
    guard !name.isEmpty else {
      return Problem(
        row: 0,
        column: "",
        .unknownColumn,
        "Column \(index + 1) has no name; remove it or name it."
      )
    }
    if let field = study.dictionary.field(name, event: nil) {
      let columns = field.events.map { study.dictionary.column(name, event: $0) }
      return Problem(
        row: 0,
        column: shown,
        .unknownColumn,
        "\(shown) is collected at several events; name it \(columns.joined(separator: " or "))."
      )
    }
    let nearest = NameDistance.nearest(to: name, in: study.dictionary.columns.keys)
    let advice =
      nearest.map { "did you mean \($0)?" } ?? "remove it or name it as in the dictionary."
    return Problem(
      row: 0,
      column: shown,
      .unknownColumn,
      "\(shown) is not a column of the study; \(advice)"
    )
  }
}

/// How far apart two names are.
enum NameDistance {
  /// The nearest name within a third of the length, the first in order among equals.
  static func nearest(to name: String, in candidates: some Sequence<String>) -> String? {
    let limit = max(1, min(4, name.count / 3))
    guard name.count <= 64 else { return nil }
    let letters = Array(name.lowercased().utf8)
    var best: (distance: Int, name: String)?
    for candidate in candidates {
      let distance = Self.distance(letters, Array(candidate.utf8))
      guard distance <= limit else { continue }
      if let found = best, (found.distance, found.name) < (distance, candidate) { continue }
      best = (distance, candidate)
    }
    return best?.name
  }

  /// Insertions, deletions and replacements from one name to the other.
  static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
    var previous = Array(0...right.count)
    for (row, letter) in left.enumerated() {
      var current = [row + 1]
      for (column, other) in right.enumerated() {
        let replaced = previous[column] + (letter == other ? 0 : 1)
        current.append(min(replaced, previous[column + 1] + 1, current[column] + 1))
      }
      previous = current
    }
    return previous[right.count]
  }
}
