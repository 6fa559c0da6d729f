// SPDX-License-Identifier: Apache-2.0

/// What a batch lacks since patients were erased by law.
public struct BatchRedaction: Hashable, Sendable {
  /// How many writes were taken out, by patient.
  public let removed: [PatientID: Int]
  /// How many changesets the author sealed; some may have nothing left.
  public let changesetCount: Int
  /// The greatest Lamport counter among them.
  public let lamport: UInt64

  /// Makes a redaction.
  public init(removed: [PatientID: Int], changesetCount: Int, lamport: UInt64) {
    self.removed = removed
    self.changesetCount = changesetCount
    self.lamport = lamport
  }

  /// The patients of whom something was taken out.
  public var patients: Set<PatientID> { Set(removed.keys) }
}

extension Address {
  /// The field of the mark of erasure, which no dictionary defines.
  public static let erasureField = "erased"

  /// Where the mark of a patient's erasure is written.
  public static func erasure(of patient: PatientID) -> Address {
    Address(patient: patient, event: "", reader: "", field: erasureField)
  }
}

extension Changeset {
  /// The patients that it marks as erased.
  public var erasures: Set<PatientID> {
    var patients: Set<PatientID> = []
    for write in writes where write.value == .erased { patients.insert(write.address.row.patient) }
    return patients
  }

  /// The changeset without the writes of some patients, but for marks of erasure.
  ///
  /// - Returns: What is left, nil when nothing is, and how many writes were taken out by patient.
  public func removing(_ patients: Set<PatientID>) -> (rest: Changeset?, removed: [PatientID: Int])
  {
    var removed: [PatientID: Int] = [:]
    let kept = writes.filter { write in
      let patient = write.address.row.patient
      guard write.value != .erased, patients.contains(patient) else { return true }
      removed[patient, default: 0] += 1
      return false
    }
    if removed.isEmpty { return (self, [:]) }
    if kept.isEmpty { return (nil, removed) }
    let rest = Changeset(
      dot: dot,
      lamport: lamport,
      reason: reason,
      context: context,
      orderedWrites: kept
    )
    return (rest, removed)
  }
}

extension Batch {
  /// The batch without the writes of some patients, but for marks of erasure; nil when it has none.
  ///
  /// Sequences, chain and introduced patients stay: batches that follow build on them.
  public func removing(_ patients: Set<PatientID>) -> Batch? {
    guard unread == nil else { return nil }
    var removed = redaction?.removed ?? [:]
    var rest: [Changeset] = []
    var hasChanged = false
    for changeset in changesets {
      let parted = changeset.removing(patients)
      if let kept = parted.rest { rest.append(kept) }
      if !parted.removed.isEmpty { hasChanged = true }
      removed.merge(parted.removed, uniquingKeysWith: +)
    }
    guard hasChanged else { return nil }
    return Batch(
      site: site,
      replica: replica,
      keyID: keyID,
      firstSequence: firstSequence,
      previous: previous,
      hash: hash,
      dictionaryVersion: dictionaryVersion,
      foreignContext: foreignContext,
      changesets: rest,
      introduced: introduced,
      references: references,
      redaction: BatchRedaction(
        removed: removed,
        changesetCount: changesetCount,
        lamport: redaction?.lamport ?? changesets.last?.lamport ?? 0
      )
    )
  }
}
