// SPDX-License-Identifier: Apache-2.0

import Foundation
import RegistryDatabase
import Replication
import SyncProtocol

/// A change with the token that follows it through new dots and new batches.
struct KnownChange {
  let token: Int
  let changeset: Changeset
}

/// Reads the changes of logs; each batch is decoded once.
final class ChangeReader {
  /// What stays the same when a change is issued again under another replica id.
  private struct Fingerprint: Hashable {
    let site: String
    let lamport: UInt64
    let reason: String
    let writes: [FieldWrite]
  }

  /// What stays when a patient is taken out of a change.
  private struct Stem: Hashable {
    let site: String
    let lamport: UInt64
    let reason: String
  }

  private var tokens: [Fingerprint: Int] = [:]
  private var known: [Stem: [(token: Int, writes: [FieldWrite])]] = [:]
  private var count = 0
  /// By their bytes: what is left of a batch has the same hash as the whole.
  private var batches: [Data: LoggedChanges] = [:]
  /// The patients that were erased by law in this world.
  var erased: Set<PatientID> = []
  private var patients: [Int: Set<PatientID>] = [:]

  func known(_ changeset: Changeset, site: String) -> KnownChange {
    let fingerprint = Fingerprint(
      site: site,
      lamport: changeset.lamport,
      reason: changeset.reason,
      writes: changeset.writes
    )
    if let token = tokens[fingerprint] { return KnownChange(token: token, changeset: changeset) }
    let stem = Stem(site: site, lamport: changeset.lamport, reason: changeset.reason)
    let whole = known[stem]?.first { whole in
      changeset.writes.allSatisfy(whole.writes.contains)
        && whole.writes.allSatisfy {
          erased.contains($0.address.row.patient) || changeset.writes.contains($0)
        }
    }
    if whole == nil { count += 1 }
    let token = whole?.token ?? count
    tokens[fingerprint] = token
    known[stem, default: []].append((token, changeset.writes))
    patients[token, default: []].formUnion(changeset.writes.map(\.address.row.patient))
    return KnownChange(token: token, changeset: changeset)
  }

  /// The tokens without those that an erasure may take away or make smaller.
  func lasting(_ tokens: Set<Int>) -> Set<Int> {
    tokens.filter { erased.isDisjoint(with: patients[$0] ?? []) }
  }

  /// The changes of a logged batch; `resolve` puts patients in the place of numbers.
  func read(
    _ logged: LoggedBatch,
    site: String,
    resolve: (Batch) throws -> Batch?
  ) throws -> LoggedChanges {
    if let found = batches[logged.bytes] { return found }
    let batch = try resolve(try ReceivedBatch.decode(logged.bytes).batch)
    guard let batch else {
      throw SimulationFailure.broken(site, "a batch names a patient that was never introduced")
    }
    let found = LoggedChanges(
      replica: batch.replica,
      introduced: batch.introduced,
      changes: batch.changesets.map { known($0, site: site) }
    )
    batches[logged.bytes] = found
    return found
  }
}

/// What a logged batch means.
struct LoggedChanges {
  let replica: ReplicaID
  let introduced: [PatientID]
  let changes: [KnownChange]
}

extension Sequence<KnownChange> {
  /// The tokens of the changes.
  var tokens: Set<Int> { Set(map(\.token)) }
}
