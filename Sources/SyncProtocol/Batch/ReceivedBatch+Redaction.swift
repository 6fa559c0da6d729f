// SPDX-License-Identifier: Apache-2.0
import Foundation
import Replication

/// Reads what is left of a batch after patients were erased.
struct RedactedContent {
  let redaction: BatchRedaction
  let hash: BatchHash
  let introduced: [PatientID]
  private let offsets: [UInt32]

  /// Reads the redaction of a body and checks its form.
  init(_ wire: WireRedaction) throws(SyncProtocolError) {
    guard let hash = BatchHash(bytes: wire.hash), hash != .none else { throw .form(.chain) }
    let count = Int(wire.changesetCount)
    guard count > 0, count <= BatchLimits.changesets, wire.offsets.count <= count else {
      throw .form(.counts)
    }
    if let last = wire.offsets.last, last >= wire.changesetCount { throw .form(.sequence) }
    for (offset, next) in zip(wire.offsets, wire.offsets.dropFirst()) where offset >= next {
      throw .form(.sequence)
    }
    guard wire.lamport > 0, wire.lamport <= BatchLimits.greatestNumber else {
      throw .form(.lamport)
    }
    let introduced = try Self.patients(wire.introduced)
    guard introduced.count <= 2 * BatchLimits.writes,
      Set(introduced).count == introduced.count
    else { throw .form(.index) }
    let patients = try Self.patients(wire.patients)
    for (patient, next) in zip(patients, patients.dropFirst()) where patient >= next {
      throw .form(.order)
    }
    guard !patients.isEmpty, patients.count == wire.writes.count,
      wire.writes.allSatisfy({ $0 > 0 && $0 <= BatchLimits.writes })
    else { throw .form(.counts) }
    self.hash = hash
    self.introduced = introduced
    offsets = wire.offsets
    redaction = BatchRedaction(
      removed: Dictionary(uniqueKeysWithValues: zip(patients, wire.writes.map { Int($0) })),
      changesetCount: count,
      lamport: wire.lamport
    )
  }

  /// Whether anything is left.
  var isEmpty: Bool { offsets.isEmpty }

  /// The changesets at their places; those in the columns stand side by side.
  func placed(
    _ decoded: DecodedColumns,
    first: UInt64
  ) throws(SyncProtocolError) -> [Changeset] {
    guard decoded.changesets.count == offsets.count else { throw .form(.counts) }
    let known = Set(introduced)
    guard decoded.introduced.allSatisfy(known.contains) else { throw .form(.index) }
    if let last = decoded.changesets.last, last.lamport > redaction.lamport {
      throw .form(.lamport)
    }
    let gone = redaction.patients
    var result: [Changeset] = []
    result.reserveCapacity(offsets.count)
    for (changeset, offset) in zip(decoded.changesets, offsets) {
      guard changeset.removing(gone).removed.isEmpty else { throw .form(.index) }
      let dot = Dot(replica: changeset.dot.replica, sequence: first + UInt64(offset))
      var context = changeset.context.entries
      context[dot.replica] = dot.sequence - 1
      result.append(
        Changeset(
          dot: dot,
          lamport: changeset.lamport,
          reason: changeset.reason,
          context: VersionVector(context),
          orderedWrites: changeset.writes
        )
      )
    }
    return result
  }

  private static func patients(_ bytes: Data) throws(SyncProtocolError) -> [PatientID] {
    guard bytes.count.isMultiple(of: 16) else { throw .form(.length) }
    let raw = [UInt8](bytes)
    let patients = stride(from: 0, to: raw.count, by: 16).compactMap {
      PatientID(bytes: raw[$0..<$0 + 16])
    }
    guard patients.allSatisfy({ $0.standInIndex == nil }) else { throw .form(.index) }
    return patients
  }
}
