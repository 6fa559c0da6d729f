// SPDX-License-Identifier: Apache-2.0

import Replication

/// What people did, kept apart from everything that is tested: which change was acknowledged, what
/// it wrote, and what its author had seen.
///
/// A change is known by a token that is its value in every field it writes, so that it can be
/// followed through new dots and new batches.
struct Ledger {
  /// One acknowledged save.
  struct Save {
    let site: String
    let addresses: [Address]
    /// The tokens that were on the device when it was saved.
    let known: Set<Int>
  }

  private(set) var saves: [Int: Save] = [:]
  /// Tokens that went with a device or a centre that was put back to an older state.
  private(set) var lost: Set<Int> = []
  private(set) var nextToken = 1

  /// A token's value: exact in binary and within the limits of a blood count.
  static func value(_ token: Int) -> Value { .decimal(0.015625 + Double(token) / 4096) }

  /// The token of a value; nil for another kind.
  static func token(_ value: Value) -> Int? {
    guard case .decimal(let number) = value else { return nil }
    return Int(((number - 0.015625) * 4096).rounded())
  }

  /// The token of a changeset.
  static func token(_ changeset: Changeset) -> Int? {
    changeset.writes.first.flatMap { token($0.value) }
  }

  /// The tokens of changesets.
  static func tokens(_ changesets: [Changeset]) -> Set<Int> {
    Set(changesets.compactMap(token))
  }

  mutating func draw() -> Int {
    defer { nextToken += 1 }
    return nextToken
  }

  mutating func acknowledge(_ token: Int, _ save: Save) { saves[token] = save }

  mutating func lose(_ tokens: Set<Int>) { lost.formUnion(tokens) }

  /// The acknowledged tokens of a site that must be at its centre in the end.
  func due(site: String) -> Set<Int> {
    Set(saves.filter { $0.value.site == site }.keys).subtracting(lost)
  }

  /// What each address must and may show, given which tokens are there: a token must be shown that
  /// no present save had seen, and one that was seen may be shown only when it was issued twice.
  func check(
    heads: [Address: Set<Int>],
    present: Set<Int>,
    issuedTwice: Set<Int>,
    at place: String
  ) throws {
    var writers: [Address: [Int]] = [:]
    for token in present {
      for address in saves[token]?.addresses ?? [] { writers[address, default: []].append(token) }
    }
    for (address, tokens) in writers {
      let shown = heads[address] ?? []
      for token in tokens {
        let isCovered = tokens.contains { saves[$0]?.known.contains(token) ?? false }
        if !isCovered {
          try require(shown.contains(token), place, "change \(token) is lost in \(address.field)")
        } else if !issuedTwice.contains(token) {
          try require(
            !shown.contains(token),
            place,
            "change \(token), which was replaced, stands again in \(address.field)"
          )
        }
      }
    }
  }
}
