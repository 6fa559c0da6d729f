// SPDX-License-Identifier: Apache-2.0

import CBuildInfo

/// What `--version` prints: the version, and the commit that the program was built from.
public enum ProgramVersion {
  /// The version of both programs.
  public static let number = "0.1.0"

  /// The commit, shortened, with `-dirty` behind it when files differed; `unknown` when the build
  /// was not told, as by a plain `swift build`.
  public static var commit: String { String(cString: lobule_build_commit()) }

  /// Both, as people read them.
  public static var text: String { "\(number) (commit \(commit))" }
}
