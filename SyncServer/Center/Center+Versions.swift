// SPDX-License-Identifier: Apache-2.0

import Foundation
public import Registry
import RegistryDatabase
import Replication
import SyncProtocol

extension Center {
  /// Applies batches that this version of the program can read and the one before it could not.
  ///
  /// - Parameter now: Seconds since 1970, for the audit.
  /// - Returns: How many changesets were applied.
  /// - Throws: What the store throws.
  @discardableResult
  public func applyKept(now: Int) throws(CenterError) -> Int {
    let waiting = try store.read { store in
      try store.sites().map(\.code).filter { try !store.keptVector(site: $0).entries.isEmpty }
    }
    guard !waiting.isEmpty else { return 0 }
    return try store.write { store in
      var total = 0
      for site in waiting {
        let applied = try store.applyKept(site: site)
        guard applied > 0 else { continue }
        total += applied
        try Self.settleErasures(site: site, actor: "operator", in: store, now: now)
        try store.record(
          AuditEvent(
            "kept_batches_applied",
            subject: site,
            details: ["changesets": String(applied)]
          ),
          now: now
        )
      }
      return total
    }
  }

  /// How many changesets of each site wait for a newer program; sites without any are left out.
  public func waitingChangesets() throws(CenterError) -> [String: Int] {
    try store.read { store in
      var waiting: [String: Int] = [:]
      for site in try store.sites().map(\.code) {
        let merged = try store.vector(site: site)
        let count = try store.keptVector(site: site).entries.reduce(0) {
          $0 + Int($1.value - min($1.value, merged[$1.key]))
        }
        if count > 0 { waiting[site] = count }
      }
      return waiting
    }
  }

  /// How many values stand at fields, or are choices, that a study does not know.
  ///
  /// They were entered with a newer version of it, and are left out of a cut made with this one.
  public func unknownValues(study: Study) throws(CenterError) -> Int {
    try store.read { store in
      var count = 0
      for site in try store.sites() {
        try store.forEachPatient(site: site.code) { _, rows in
          for (row, heads) in rows {
            for (field, register) in heads
            where !study.understands(register, field, event: row.event) { count += 1 }
          }
        }
      }
      return count
    }
  }

  /// Merges a site's log anew when a device found other heads there at the same vector.
  func rebuild(
    site: String,
    for request: SyncRequest,
    keyID: String,
    now: Int
  ) throws(CenterError) {
    try store.write { store in
      try Self.checkCaller(site: site, keyID: keyID, in: store)
      let root = try store.stateRoot(site: site)
      guard try store.vector(site: site) == request.vector, root != request.stateRoot else {
        return
      }
      try store.rebuildHeads(site: site)
      let isMended = try store.stateRoot(site: site) != root
      try store.record(
        AuditEvent(
          "heads_rebuilt",
          actor: keyID,
          subject: site,
          details: ["changed": isMended ? "yes" : "no"]
        ),
        now: now
      )
    }
  }
}
