// SPDX-License-Identifier: Apache-2.0

import CommandSupport
import SiteReplica
import SyncProtocol

/// Says what was found of the centre's audit log.
enum AuditFindingText {
  /// A word for programs.
  static func code(_ finding: AuditFinding) -> String {
    switch finding {
    case .unchanged: "unchanged"
    case .continued: "continued"
    case .restored: "restored"
    case .refused(.malformed): "malformed"
    case .refused(.signature): "signature"
    case .refused(.shortened): "shortened"
    case .refused(.forked): "forked"
    }
  }

  /// What a person may like to know; nil when nothing happened.
  static func notice(_ finding: AuditFinding) -> String? {
    guard case .restored(let at, _) = finding else { return nil }
    return "The centre was restored from a backup at \(UTCText.text(at)); the holders of its root "
      + "keys vouch for its audit log."
  }

  /// What a person must know; nil when all is well.
  static func warning(_ finding: AuditFinding) -> CommandFailure? {
    guard case .refused(let refusal) = finding else { return nil }
    let (what, subject) =
      switch refusal {
      case .malformed: ("The centre's word on its audit log cannot be read", "this sync")
      case .signature: ("The centre's word on its audit log is not signed by it", "this sync")
      case .shortened(let from, let size):
        ("The centre's audit log has lost entries", "\(size) of the \(from) seen before")
      case .forked(let size):
        ("The centre's audit log is not the one seen before", "its first \(size) entries")
      }
    return CommandFailure(
      .remote,
      what: what,
      to: subject,
      todo: "The sync itself stands; ask the coordinating centre whether it was restored, and keep "
        + "what lobule audit checkpoints prints"
    )
  }
}
