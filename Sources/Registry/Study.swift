// SPDX-License-Identifier: Apache-2.0

/// A study: its dictionary, what is computed and checked, its analysis plan and first model.
///
/// All of it is read from files; the engine knows no field by name.
public struct Study: Hashable, Sendable {
  /// Roles, readers and the response checks.
  public let profile: StudyProfile
  /// The data dictionary.
  public let dictionary: StudyDictionary
  /// The derived indices, in an order in which each can be computed.
  public let derived: [DerivedIndex]
  /// The rules between fields.
  public let rules: [CrossFieldRule]
  /// The units that values are entered in by mistake.
  public let units: [UnitConversion]
  /// The analysis plan's file.
  public let planBytes: [UInt8]
  /// The first model's file.
  public let seedModelBytes: [UInt8]
  /// What the study adds to its reports: words, decisions, printed figures; empty when it has none.
  public let reportBytes: [UInt8]

  /// The study's name.
  public var id: String { profile.id }

  /// The definition and event of an import column, derived ones excluded.
  public func column(_ name: String) -> DictionaryColumn? { dictionary.columns[name] }

  /// Whether a reader name may stand in a reading's address.
  public func isReader(_ name: String) -> Bool {
    name == profile.consensus || profile.readers.contains(name)
  }
}
