// SPDX-License-Identifier: Apache-2.0

public import Foundation
import SyncProtocol

/// One entry of the audit log: a leaf of its hash tree.
public struct AuditEntry: Equatable, Sendable {
  /// Its number, from 1 without gaps.
  public let sequence: Int
  /// What was recorded: one line of canonical JSON, kept as written.
  public let canonical: String

  /// Makes an entry of its parts, as read back.
  public init(sequence: Int, canonical: String) {
    self.sequence = sequence
    self.canonical = canonical
  }

  /// The hash of the leaf.
  public var leaf: Data { MerkleHash.leaf(Data(canonical.utf8)) }
}

/// Something that happened at the centre and must stay known.
///
/// Subjects and details are codes, key names and hashes: never a patient value.
public struct AuditEvent: Equatable, Sendable {
  /// What was done, as a code.
  public let action: String
  /// Who did it: a key's name, or `operator` for a command at the centre.
  public let actor: String
  /// What it was done to.
  public let subject: String
  /// Further facts by name.
  public let details: [String: String]

  /// Makes an event of its parts.
  public init(
    _ action: String,
    actor: String = "operator",
    subject: String,
    details: [String: String] = [:]
  ) {
    self.action = action
    self.actor = actor
    self.subject = subject
    self.details = details
  }

  /// One line of JSON: names sorted, no spaces.
  func canonical(sequence: Int, at now: Int) -> String {
    var members = details.mapValues { StrictJSON.string($0) }
    members["action"] = .string(action)
    members["actor"] = .string(actor)
    members["at"] = .number(String(now))
    members["entity"] = .string(subject)
    members["seq"] = .number(String(sequence))
    return StrictJSON.object(members).canonicalText
  }
}
