// SPDX-License-Identifier: Apache-2.0

import Crypto
public import Foundation
import SyncProtocol

/// One entry of the audit log, chained to the one before by hash.
public struct AuditEntry: Equatable, Sendable {
  /// Its number, from 1 without gaps.
  public let sequence: Int
  /// What was recorded: one line of canonical JSON, kept as written.
  public let canonical: String
  /// The hash of the entry before; zeros before the first.
  public let previous: Data
  /// SHA-256 of the previous hash and the canonical text.
  public let hash: Data

  /// Makes an entry of its parts, as read back.
  public init(sequence: Int, canonical: String, previous: Data, hash: Data) {
    self.sequence = sequence
    self.canonical = canonical
    self.previous = previous
    self.hash = hash
  }

  /// Makes the entry that follows another.
  public init(after last: AuditEntry?, event: AuditEvent, at now: Int) {
    sequence = (last?.sequence ?? 0) + 1
    previous = last?.hash ?? Data(repeating: 0, count: 32)
    canonical = event.canonical(sequence: sequence, at: now)
    hash = Self.hash(previous: previous, canonical: canonical)
  }

  /// Says whether the hash fits the content.
  public var isIntact: Bool { hash == Self.hash(previous: previous, canonical: canonical) }

  private static func hash(previous: Data, canonical: String) -> Data {
    Data(SHA256.hash(data: previous + Data(canonical.utf8)))
  }
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
