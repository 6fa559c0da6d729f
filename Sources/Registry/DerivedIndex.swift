// SPDX-License-Identifier: Apache-2.0

/// A quantity computed from entered fields, never typed.
public struct DerivedIndex: Hashable, Sendable {
  /// The index's name.
  public let name: String
  /// The event that it is computed for.
  public let event: String
  /// The column of its value: the event is a suffix only where the index has several.
  public let column: String
  /// The formula over column names.
  public let formula: Expression
  /// The UCUM unit.
  public let unit: String
  /// Values outside are unusual.
  public let soft: ClosedRange<Double>?
  /// The label for people.
  public let label: String
}

/// A claim that must hold between fields of one patient.
public struct CrossFieldRule: Hashable, Sendable {
  /// The rule's name.
  public let name: String
  /// The event that it is checked for, empty when its columns name their own.
  public let event: String
  /// Whether a breach is accepted when confirmed.
  public let isWarning: Bool
  /// Whether a breach in one reader's own reading is accepted when confirmed.
  ///
  /// Blinded readings are kept as read, for agreement; what is analysed is the settled one.
  public let isReaderWarning: Bool
  /// The kind of fault, a `ProblemCode`.
  public let code: ProblemCode
  /// The column that the problem is shown at.
  public let column: String
  /// The claim over column names; not checked while an operand is missing.
  public let claim: Expression
  /// What happened and what to do.
  public let message: String

  /// The columns that the claim reads.
  package let inputs: Set<String>
}

/// A unit that values are entered in by mistake.
public struct UnitConversion: Hashable, Sendable {
  /// The field that it applies to, empty when it applies to a unit.
  public let field: String
  /// The right unit that it applies to, empty when it applies to a field.
  public let unit: String
  /// The mistaken unit.
  public let alternative: String
  /// The factor from the mistaken to the right unit.
  public let factor: Double

  /// Whether a field's values may be in the mistaken unit.
  public func applies(to definition: FieldDefinition) -> Bool {
    field == definition.name || (!unit.isEmpty && unit == definition.unit)
  }
}
