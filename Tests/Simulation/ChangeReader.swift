// SPDX-License-Identifier: Apache-2.0

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

  private var tokens: [Fingerprint: Int] = [:]
  private var batches: [BatchHash: LoggedChanges] = [:]

  func known(_ changeset: Changeset, site: String) -> KnownChange {
    let fingerprint = Fingerprint(
      site: site,
      lamport: changeset.lamport,
      reason: changeset.reason,
      writes: changeset.writes
    )
    let token = tokens[fingerprint] ?? tokens.count + 1
    tokens[fingerprint] = token
    return KnownChange(token: token, changeset: changeset)
  }

  /// The changes of a logged batch; `resolve` puts patients in the place of numbers.
  func read(
    _ logged: LoggedBatch,
    site: String,
    resolve: (Batch) throws -> Batch?
  ) throws -> LoggedChanges {
    if let found = batches[logged.hash] { return found }
    let batch = try resolve(try ReceivedBatch.decode(logged.bytes).batch)
    guard let batch else {
      throw SimulationFailure.broken(site, "a batch names a patient that was never introduced")
    }
    let found = LoggedChanges(
      replica: batch.replica,
      introduced: batch.introduced,
      changes: batch.changesets.map { known($0, site: site) }
    )
    batches[logged.hash] = found
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
