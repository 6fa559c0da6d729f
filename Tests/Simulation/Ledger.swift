// SPDX-License-Identifier: Apache-2.0

import Replication

/// What people did, kept apart from everything that is tested.
///
/// It says which change was acknowledged, what it wrote, and what its author had seen. Changes are
/// known by their tokens.
struct Ledger {
  /// One acknowledged save.
  struct Save {
    let site: String
    let addresses: [Address]
    /// The tokens that were on the device when it was saved.
    var known: Set<Int>
    /// The same change may have been made on two devices: what both had seen.
    var certainlyKnown: Set<Int>

    init(site: String, addresses: [Address], known: Set<Int>) {
      (self.site, self.addresses) = (site, addresses)
      (self.known, certainlyKnown) = (known, known)
    }
  }

  private(set) var saves: [Int: Save] = [:]
  /// Tokens that went with a device or a centre that was put back to an older state.
  private(set) var lost: Set<Int> = []
  /// The patients that somebody erased by law: what was saved of them is not looked for any more.
  private(set) var erased: Set<PatientID> = []
  /// The tokens of their marks.
  private(set) var marks: Set<Int> = []

  /// Tokens that were not sealed when their device's files were copied: both copies seal them, each
  /// into batches of its own.
  private(set) var sealedTwice: Set<Int> = []

  mutating func acknowledge(_ token: Int, _ save: Save) {
    guard var twin = saves[token] else {
      saves[token] = save
      return
    }
    twin.known.formUnion(save.known)
    twin.certainlyKnown.formIntersection(save.known)
    saves[token] = twin
    lost.remove(token)
  }

  mutating func erase(_ patients: [PatientID]) { erased.formUnion(patients) }

  /// Takes a mark of erasure for acknowledged.
  mutating func acknowledge(mark token: Int, site: String) {
    marks.insert(token)
    saves[token] = saves[token] ?? Save(site: site, addresses: [], known: [])
    lost.remove(token)
  }

  /// Excuses tokens from being at the centre in the end.
  mutating func excuse(_ tokens: Set<Int>) { lost.formUnion(tokens) }

  /// Notes what was not sealed when files were copied.
  ///
  /// A context names batch ends. A change that replaced one of these and is issued again may have to
  /// name the end before it, and then both stand as a conflict: nothing is lost (ADR 15).
  mutating func copied(unsealed tokens: Set<Int>) { sealedTwice.formUnion(tokens) }

  /// The acknowledged tokens of a site that must be at its centre in the end.
  func due(site: String) -> Set<Int> {
    let due = saves.filter { token, save in
      save.site == site
        && (marks.contains(token) || !save.addresses.contains { erased.contains($0.row.patient) })
    }
    return Set(due.keys).subtracting(lost)
  }

  /// What each address must and may show, given which tokens are there: a token must be shown that
  /// no present save had seen, and one that was seen may be shown only when it was issued or sealed
  /// twice.
  func check(
    heads: [Address: Set<Int>],
    present: Set<Int>,
    issuedTwice: Set<Int>,
    at place: String
  ) throws {
    var writers: [Address: [Int]] = [:]
    for token in present {
      for address in saves[token]?.addresses ?? [] where !erased.contains(address.row.patient) {
        writers[address, default: []].append(token)
      }
    }
    for (address, tokens) in writers {
      let shown = heads[address] ?? []
      for token in tokens {
        if !tokens.contains(where: { saves[$0]?.known.contains(token) ?? false }) {
          try require(shown.contains(token), place, "change \(token) is lost in \(address.field)")
        } else if !issuedTwice.contains(token), !sealedTwice.contains(token),
          tokens.contains(where: { saves[$0]?.certainlyKnown.contains(token) ?? false })
        {
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
