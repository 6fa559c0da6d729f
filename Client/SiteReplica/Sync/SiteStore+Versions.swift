// SPDX-License-Identifier: Apache-2.0

import GRDB
import Registry
import RegistryDatabase
import Replication
import SyncProtocol

/// What other versions of the program or the study have written.
extension SiteStore {
  /// Applies batches that this program can read and the one before it could not.
  func applyKept(with identity: SigningIdentity) throws(SiteReplicaError) {
    guard try read({ try tables.needsNewerProgram(in: $0) }) else { return }
    _ = try applyingForeign(with: identity) { try tables.applyKept(in: $0) }
  }

  /// Remembers that a batch was written with another dictionary than this device's.
  func noteDictionary(of batch: Batch, in database: Database) throws {
    let version = batch.dictionaryVersion
    guard version != study.dictionary.version,
      try StoreMeta.text(.otherDictionary, in: database) != version
    else { return }
    try StoreMeta.set(.otherDictionary, version, in: database)
  }

  /// How many values stand at fields, or are choices, that this device's study does not know.
  ///
  /// They are merged and sent on like any other. Without a batch of another dictionary there are
  /// none, and no row is looked at.
  func unknownValues(in database: Database) throws -> Int {
    let other = try StoreMeta.text(.otherDictionary, in: database)
    guard let other, other != study.dictionary.version else { return 0 }
    var count = 0
    try tables.forEachPatient(in: database) { _, rows in
      for (row, heads) in rows {
        for (field, register) in heads where isUnknown(register, field, at: row.event) {
          count += 1
        }
      }
    }
    return count
  }

  /// Whether only a newer version of the study can tell what a field's value means.
  func isUnknown(_ register: Register, _ field: String, at event: String) -> Bool {
    !study.understands(register, field, event: event)
  }
}
