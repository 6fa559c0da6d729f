// SPDX-License-Identifier: Apache-2.0

public import Replication

/// A changeset that has passed every control of what may leave a site.
///
/// Only this module can make one, and only one of these can be sealed into a batch.
public struct DeidentifiedChangeset: Hashable, Sendable {
  /// The changeset.
  public let changeset: Changeset

  internal init(changeset: Changeset) {
    self.changeset = changeset
  }
}

/// One field write that has passed the controls of its field.
public struct DeidentifiedWrite: Hashable, Sendable {
  /// The field's event, empty when it has none.
  public let event: String
  /// The reader of a reading, empty for other records.
  public let reader: String
  /// The field's name.
  public let field: String
  /// The value as it leaves.
  public let value: Value

  internal init(event: String, reader: String, field: String, value: Value) {
    self.event = event
    self.reader = reader
    self.field = field
    self.value = value
  }
}
