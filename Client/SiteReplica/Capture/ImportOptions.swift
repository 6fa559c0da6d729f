// SPDX-License-Identifier: Apache-2.0

public import Registry

/// How an import treats what is there already and what is refused.
public struct ImportOptions: Sendable, Equatable {
  /// Check everything and write nothing.
  public var isDryRun: Bool
  /// Replace values that differ, but never a conflict.
  public var updates: Bool
  /// Take the good rows of a file that holds refused ones.
  public var skipsRefused: Bool

  /// Names the three choices; by default a file is taken whole or not at all.
  public init(isDryRun: Bool = false, updates: Bool = false, skipsRefused: Bool = false) {
    self.isDryRun = isDryRun
    self.updates = updates
    self.skipsRefused = skipsRefused
  }
}

/// What an import did, or would do.
public struct ImportReport: Sendable, Equatable {
  /// Rows that were taken; those that changed nothing among them.
  public var accepted = 0
  /// Rows that were not taken: all of them when the file was refused.
  public var refused = 0
  /// Changesets that were written; 0 when the file brought nothing new.
  public var changesets = 0
  /// Patients that were not known before.
  public var newPatients = 0
  /// Everything found, warnings among them, by row and column.
  public var problems: [Problem] = []
  /// Whether a hard problem kept the whole file out.
  public var isFileRefused = false
}
