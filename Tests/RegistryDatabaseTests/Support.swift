// SPDX-License-Identifier: Apache-2.0
import Foundation
import RegistryDatabase
import Replication

/// A folder of its own that goes away with the test.
final class TemporaryFolder {
  let path: String

  init() {
    path =
      FileManager.default.temporaryDirectory
      .appending(path: "lobule-database-\(UUID().uuidString)").path
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func database(_ limit: Int = 10_000) throws -> RegistryDatabase {
    try RegistryDatabase.open(
      path: path + "/store/registry.db",
      migrations: ["replica"],
      lockLimitMilliseconds: limit
    )
  }

  func mode(_ name: String) throws -> Int {
    let attributes = try FileManager.default.attributesOfItem(atPath: path + name)
    return (attributes[.posixPermissions] as? Int) ?? 0
  }
}

/// The bytes that stand for a sealed batch here: its hash, found again in a table.
func bytes(_ batch: Batch) -> Data { Data(batch.hash.bytes) }

/// The same for a batch that patients were taken out of: the hash, then their ids.
private func decoded(_ data: Data, among known: [Data: Batch]) throws -> Batch {
  guard let batch = known[data.prefix(32)] else { throw RegistryDatabaseError.brokenLog }
  let ids = data.dropFirst(32)
  let removed = stride(from: ids.startIndex, to: ids.endIndex, by: 16).compactMap {
    PatientID(bytes: ids[$0..<$0 + 16])
  }
  return batch.removing(Set(removed)) ?? batch
}

func tables(_ site: String, decoding batches: [Batch]) -> ReplicaTables {
  let known = Dictionary(batches.map { (bytes($0), $0) }) { first, _ in first }
  return ReplicaTables(
    scope: site,
    decoding: { try decoded($0, among: known) },
    redacting: { data, names in
      let batch = try decoded(data, among: known)
      guard let patients = batch.removing(Set(names.values))?.redaction?.patients else {
        return nil
      }
      return data.prefix(32) + Data(patients.sorted().flatMap(\.bytes))
    }
  )
}

func write(_ field: String, _ number: Int64, event: String = "") -> FieldWrite {
  FieldWrite(
    address: Address(
      patient: PatientID(high: 1, low: 1),
      event: event,
      reader: "",
      field: field
    ),
    value: .integer(number)
  )
}
