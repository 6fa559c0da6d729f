// SPDX-License-Identifier: Apache-2.0

/// A patient named by number instead of by id: the `number`-th that an author's batches introduced.
///
/// A batch lists the ids of the patients that are new in it; the lists of an author's chain, one
/// after the other, number them from 0. Later batches name a patient by who introduced it and its
/// number, which a reader can look up once it has the batch's context.
public struct PatientReference: Hashable, Sendable {
  /// The author whose batch introduced the patient.
  public let introducer: ReplicaID
  /// The place in the introducer's lists, from 0.
  public let number: UInt64

  /// Makes a reference.
  public init(introducer: ReplicaID, number: UInt64) {
    self.introducer = introducer
    self.number = number
  }
}

extension PatientID {
  /// The first eight bytes that no patient's id may have: they mark stand-ins.
  private static let standInMark = UInt64.max

  /// Stands in a decoded batch for the patient of its `index`-th reference.
  package static func standIn(_ index: Int) -> PatientID {
    PatientID(high: standInMark, low: UInt64(index))
  }

  /// Which reference this stands for; nil for the id of a patient.
  package var standInIndex: Int? { high == Self.standInMark ? Int(clamping: low) : nil }
}

extension Batch {
  /// The batch with patients in the place of references; nil when one is not found.
  ///
  /// `find` looks a reference up among the patients that the batches of the context introduced.
  public func resolved(
    _ find: (PatientReference) throws -> PatientID?
  ) rethrows -> Batch? {
    if references.isEmpty { return self }
    var found: [PatientID] = []
    found.reserveCapacity(references.count)
    for reference in references {
      guard let patient = try find(reference) else { return nil }
      found.append(patient)
    }
    return Batch(
      site: site,
      replica: replica,
      keyID: keyID,
      firstSequence: firstSequence,
      previous: previous,
      hash: hash,
      dictionaryVersion: dictionaryVersion,
      foreignContext: foreignContext,
      changesets: changesets.map { $0.replacingStandIns(by: found) },
      introduced: introduced,
      redaction: redaction
    )
  }
}

extension Changeset {
  fileprivate func replacingStandIns(by patients: [PatientID]) -> Changeset {
    func patient(_ id: PatientID) -> PatientID {
      guard let index = id.standInIndex, index < patients.count else { return id }
      return patients[index]
    }
    return Changeset(
      dot: dot,
      lamport: lamport,
      reason: reason,
      context: context,
      writes: writes.map { write in
        let row = write.address.row
        let address = Address(
          patient: patient(row.patient),
          event: row.event,
          reader: row.reader,
          field: write.address.field
        )
        guard case .patient(let link) = write.value else {
          return FieldWrite(address: address, value: write.value)
        }
        return FieldWrite(address: address, value: .patient(patient(link)))
      }
    )
  }
}
