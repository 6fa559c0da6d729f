// SPDX-License-Identifier: Apache-2.0

/// A study's data dictionary: which fields exist, what they hold and what leaves a site.
public struct StudyDictionary: Hashable, Sendable {
  /// The study's name, for example `hcc-response`.
  public let id: String
  /// The stated version, a point, and the first eight digits of a hash of the file.
  public let version: String
  /// The fields in the file's order.
  public let fields: [FieldDefinition]
  /// Every import column by name.
  public let columns: [String: DictionaryColumn]

  private let fieldsByName: [String: [Int]]
  private let columnNames: [String: [String: String]]

  /// A field of an event; with no event given, the field's first definition.
  ///
  /// Nothing when the study has no such field, or does not collect it in that event.
  public func field(_ name: String, event: String?) -> FieldDefinition? {
    guard let indices = fieldsByName[name] else { return nil }
    guard let event else { return indices.first.map { fields[$0] } }
    for index in indices where fields[index].events.contains(event) { return fields[index] }
    return nil
  }

  /// All events in which a field is collected; empty when the study has no such field.
  public func events(of name: String) -> [String] {
    (fieldsByName[name] ?? []).flatMap { fields[$0].events }
  }

  /// The import column of a field: the event is a suffix only where the field has several.
  public func column(_ name: String, event: String) -> String {
    columnNames[name]?[event] ?? name
  }

  /// Makes a dictionary; nothing when two definitions claim one column.
  package init?(id: String, version: String, fields: [FieldDefinition]) {
    self.id = id
    self.version = version
    self.fields = fields
    var byName: [String: [Int]] = [:]
    for (index, field) in fields.enumerated() { byName[field.name, default: []].append(index) }
    fieldsByName = byName
    var columns: [String: DictionaryColumn] = [:]
    var names: [String: [String: String]] = [:]
    for field in fields {
      let count = (byName[field.name] ?? []).reduce(0) { $0 + fields[$1].events.count }
      for event in field.events {
        let name = count > 1 ? "\(field.name)_\(event)" : field.name
        let column = DictionaryColumn(name: name, field: field, event: event)
        guard columns.updateValue(column, forKey: name) == nil else { return nil }
        names[field.name, default: [:]][event] = name
      }
    }
    self.columns = columns
    columnNames = names
  }
}

/// One column of an import file or data cut.
public struct DictionaryColumn: Hashable, Sendable {
  /// The column's name.
  public let name: String
  /// The field that it holds.
  public let field: FieldDefinition
  /// The event that it holds the field of, empty when the field has none.
  public let event: String
}
