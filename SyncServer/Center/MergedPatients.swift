// SPDX-License-Identifier: Apache-2.0

import Replication

/// Unites the records of patients that were registered twice.
///
/// One field of the study links patients; a connected component is one patient, named by its
/// smallest id. The rows of all members stand together, so that different values show as a
/// conflict.
struct MergedPatients {
  private let linkField: String
  private var rows: [PatientID: [RowAddress: RowHeads]] = [:]
  private var parents: [PatientID: PatientID] = [:]

  /// Starts with nobody.
  ///
  /// - Parameter linkField: The field that links a patient to another record of the same person.
  init(linkField: String) { self.linkField = linkField }

  /// Takes one patient's rows.
  mutating func add(_ patient: PatientID, _ heads: [RowAddress: RowHeads]) {
    rows[patient] = heads
    for register in heads.values.compactMap({ $0[linkField] }) {
      for head in register.heads {
        if case .patient(let other) = head.value { unite(patient, other) }
      }
    }
  }

  /// Each patient once, in the order of their names, with the rows of all members.
  var patients: [(PatientID, [RowAddress: RowHeads])] {
    var united: [PatientID: [RowAddress: RowHeads]] = [:]
    for (patient, heads) in rows {
      united[root(patient), default: [:]].merge(heads) { first, _ in first }
    }
    return united.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  /// Whether any head says that consent was withdrawn: in doubt, the patient is left out.
  static func isWithdrawn(_ rows: [RowAddress: RowHeads], field: String) -> Bool {
    rows.values.contains { row in
      row[field]?.heads.contains { $0.value == .boolean(true) } ?? false
    }
  }

  /// Whether anything is recorded that was not retracted.
  static func isRecorded(_ rows: [RowAddress: RowHeads]) -> Bool {
    rows.values.contains { row in
      row.values.contains { $0.heads.contains { $0.value != .retracted } }
    }
  }

  private func root(_ patient: PatientID) -> PatientID {
    var current = patient
    while let parent = parents[current] { current = parent }
    return current
  }

  /// The smaller name becomes the root, so that it is the component's name.
  private mutating func unite(_ left: PatientID, _ right: PatientID) {
    let (first, second) = (root(left), root(right))
    guard first != second else { return }
    parents[max(first, second)] = min(first, second)
  }
}
