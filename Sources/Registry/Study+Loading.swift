// SPDX-License-Identifier: Apache-2.0

public import Foundation

extension Study {
  /// The built-in study.
  ///
  /// - Throws: `RegistryError` when an embedded file is wrong, which a test excludes.
  public static func embedded() throws(RegistryError) -> Study {
    try parse([
      "study.json": PackageResources.study_json,
      "dictionary.csv": PackageResources.dictionary_csv,
      "derived.csv": PackageResources.derived_csv,
      "rules.csv": PackageResources.rules_csv,
      "units.csv": PackageResources.units_csv,
      "plan.json": PackageResources.plan_json,
      "model.json": PackageResources.model_json,
      "report.json": PackageResources.report_json,
    ])
  }

  /// Reads a study from a folder with the files of the built-in one.
  ///
  /// - Throws: `RegistryError` naming the file, row and column that are wrong.
  public static func load(folder: URL) throws(RegistryError) -> Study {
    var files: [String: [UInt8]] = [:]
    for name in fileNames {
      guard let data = try? Data(contentsOf: folder.appending(path: name)) else {
        throw .studyFileMissing(name: name)
      }
      files[name] = Array(data)
    }
    // Only reports read it, and they do without.
    if let data = try? Data(contentsOf: folder.appending(path: "report.json")) {
      files["report.json"] = Array(data)
    }
    return try parse(files)
  }

  private static let fileNames = [
    "study.json", "dictionary.csv", "derived.csv", "rules.csv", "units.csv", "plan.json",
    "model.json",
  ]

  static func parse(_ files: [String: [UInt8]]) throws(RegistryError) -> Study {
    func file(_ name: String) throws(RegistryError) -> [UInt8] {
      guard let bytes = files[name] else { throw .studyFileMissing(name: name) }
      return bytes
    }
    let profile: StudyProfile
    do {
      profile = try JSONDecoder().decode(
        StudyProfile.self,
        from: Data(try file("study.json"))
      )
    } catch let error as RegistryError {
      throw error
    } catch {
      throw .studyFileMalformed(name: "study.json", row: 0)
    }
    let dictionary = try StudyDictionary.parse(
      csv: Data(try file("dictionary.csv")),
      id: profile.id,
      version: profile.version
    )
    try check(profile, dictionary)
    var scope = ColumnScope(dictionary: dictionary)
    let derived = try parseDerived(try file("derived.csv"), &scope)
    let rules = try parseRules(try file("rules.csv"), scope)
    return Study(
      profile: profile,
      dictionary: dictionary,
      derived: derived,
      rules: rules,
      units: try parseUnits(try file("units.csv")),
      planBytes: try file("plan.json"),
      seedModelBytes: try file("model.json"),
      reportBytes: files["report.json"] ?? []
    )
  }

  private static func check(
    _ profile: StudyProfile,
    _ dictionary: StudyDictionary
  ) throws(RegistryError) {
    let roles = profile.roles
    let names = [roles.recordNumber, roles.birthDate, roles.treatmentStart, roles.age]
    for name in names where dictionary.field(name, event: nil) == nil {
      throw .unknownColumn(name: "study.json", row: 0, column: name)
    }
    for name in [roles.recordNumber, roles.birthDate, roles.treatmentStart]
    where dictionary.field(name, event: nil)?.isIdentifying != true {
      throw .studyFileInvalid(name: "study.json", row: 0, column: name)
    }
  }

  private static func parseDerived(
    _ bytes: [UInt8],
    _ scope: inout ColumnScope
  ) throws(RegistryError) -> [DerivedIndex] {
    let table = try StudyTable.parse(
      bytes,
      name: "derived.csv",
      columns: ["name", "event", "formula", "unit", "soft_min", "soft_max", "label"]
    )
    var indices: [DerivedIndex] = []
    for row in table.rows {
      let events = row.list("event")
      for event in events.isEmpty ? [""] : events {
        let formula = try scope.expression(row, "formula", event: event, table)
        let column = events.count > 1 ? "\(row["name"])_\(event)" : row["name"]
        guard scope.add(column) else { throw table.invalid(row, "name") }
        indices.append(
          DerivedIndex(
            name: row["name"],
            event: event,
            column: column,
            formula: formula,
            unit: row["unit"],
            soft: try table.range(row, "soft_min", "soft_max"),
            label: row["label"]
          )
        )
      }
    }
    return indices
  }

  private static func parseRules(
    _ bytes: [UInt8],
    _ scope: ColumnScope
  ) throws(RegistryError) -> [CrossFieldRule] {
    let table = try StudyTable.parse(
      bytes,
      name: "rules.csv",
      columns: [
        "name", "events", "severity", "reader_severity", "code", "column", "expression", "message",
      ]
    )
    var rules: [CrossFieldRule] = []
    for row in table.rows {
      for column in ["severity", "reader_severity"]
      where !["warn", "refuse"].contains(row[column]) {
        throw table.invalid(row, column)
      }
      guard let code = ProblemCode(rawValue: row["code"]) else { throw table.invalid(row, "code") }
      let events = row.list("events")
      for event in events.isEmpty ? [""] : events {
        guard let column = scope.resolve(row["column"], event: event) else {
          throw table.invalid(row, "column")
        }
        let claim = try scope.expression(row, "expression", event: event, table)
        rules.append(
          CrossFieldRule(
            name: row["name"],
            event: event,
            isWarning: row["severity"] == "warn",
            isReaderWarning: row["reader_severity"] == "warn",
            code: code,
            column: column,
            claim: claim,
            message: row["message"],
            inputs: claim.columns
          )
        )
      }
    }
    return rules
  }

  private static func parseUnits(_ bytes: [UInt8]) throws(RegistryError) -> [UnitConversion] {
    let table = try StudyTable.parse(
      bytes,
      name: "units.csv",
      columns: ["applies_to", "name", "alternative", "factor", "example"]
    )
    var units: [UnitConversion] = []
    for row in table.rows {
      guard let factor = NumberText.decimal(row["factor"]), factor > 0 else {
        throw table.invalid(row, "factor")
      }
      let kind = row["applies_to"]
      guard kind == "unit" || kind == "field" else { throw table.invalid(row, "applies_to") }
      units.append(
        UnitConversion(
          field: kind == "field" ? row["name"] : "",
          unit: kind == "unit" ? row["name"] : "",
          alternative: row["alternative"],
          factor: factor
        )
      )
    }
    return units
  }
}

/// The columns that a formula may name.
private struct ColumnScope {
  let dictionary: StudyDictionary
  private var derived: Set<String> = []

  init(dictionary: StudyDictionary) {
    self.dictionary = dictionary
  }

  /// Adds a derived column; false when the name is taken.
  mutating func add(_ column: String) -> Bool {
    dictionary.columns[column] == nil && derived.insert(column).inserted
  }

  /// A column by its own name, or a field's or index's column at an event.
  func resolve(_ name: String, event: String) -> String? {
    if isKnown(name) { return name }
    let suffixed = "\(name)_\(event)"
    return isKnown(suffixed) ? suffixed : nil
  }

  func expression(
    _ row: StudyTable.Row,
    _ cell: String,
    event: String,
    _ table: StudyTable
  ) throws(RegistryError) -> Expression {
    guard let parsed = ExpressionParser.parse(row[cell]) else { throw table.invalid(row, cell) }
    guard let resolved = parsed.renamed({ resolve($0, event: event) }) else {
      let unknown = parsed.columns.sorted().first { resolve($0, event: event) == nil }
      throw .unknownColumn(name: table.name, row: row.number, column: unknown ?? "")
    }
    return resolved
  }

  private func isKnown(_ column: String) -> Bool {
    if let known = dictionary.columns[column] { return !known.field.isIdentifying }
    return derived.contains(column)
  }
}
