// SPDX-License-Identifier: Apache-2.0

public import Replication

extension Study {
  /// Whether a field and the codes of its values are in this version of the dictionary.
  ///
  /// What is not was written with another version of the study: it merges and travels like any
  /// other value, and only display and analysis wait for the upgrade.
  public func understands(_ register: Register, _ field: String, event: String) -> Bool {
    if field == profile.roles.link || field == profile.roles.startRevision { return true }
    guard let definition = dictionary.field(field, event: event) else { return false }
    return register.heads.allSatisfy { head in
      if case .code(let code) = head.value { return definition.choices.contains(code) }
      return true
    }
  }
}
