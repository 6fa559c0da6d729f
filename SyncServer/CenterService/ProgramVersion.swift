// SPDX-License-Identifier: Apache-2.0

/// The version of the centre's program.
public enum ProgramVersion {
  /// The version, as `--version` prints it.
  public static let text = "0.1.0"
}
