// SPDX-License-Identifier: Apache-2.0

package import Replication

/// Unites the records of patients that were registered twice.
///
/// One field of the study links registrations; a connected component is one patient, named by its
/// smallest id. The heads of all registrations stand together, so that different values show as a
/// conflict.
package struct MergedPatients {
  /// A patient with the rows of all registrations.
  package struct Member {
    /// The patient's name.
    package let patient: PatientID
    /// The registrations that have rows, by rising id.
    package var registrations: [PatientID]
    /// The rows of all registrations, at their own addresses.
    package var rows: [RowAddress: RowHeads]
  }

  private let linkField: String
  private var rows: [PatientID: [RowAddress: RowHeads]] = [:]
  private var links = PatientLinks()

  /// Starts with nobody.
  ///
  /// - Parameter linkField: The field that links a patient to another record of the same person.
  package init(linkField: String) { self.linkField = linkField }

  /// Takes one registration's rows.
  package mutating func add(_ patient: PatientID, _ heads: [RowAddress: RowHeads]) {
    rows[patient] = heads
    for register in heads.values.compactMap({ $0[linkField] }) { links.add(patient, register) }
  }

  /// Takes a registration of which no row need be known.
  package mutating func add(_ patient: PatientID) {
    if rows[patient] == nil { rows[patient] = [:] }
  }

  /// Each patient once, in the order of their names, with the rows of all registrations.
  package var patients: [Member] {
    var united: [PatientID: Member] = [:]
    for (registration, heads) in rows.sorted(by: { $0.key < $1.key }) {
      let name = links.name(of: registration)
      var member = united[name] ?? Member(patient: name, registrations: [], rows: [:])
      member.registrations.append(registration)
      member.rows.merge(heads) { first, _ in first }
      united[name] = member
    }
    return united.values.sorted { $0.patient < $1.patient }
  }

  /// The rows of all registrations as rows of one patient, without the links.
  ///
  /// - Parameters:
  ///   - rows: The rows at the registrations' own addresses.
  ///   - patient: The patient whose addresses they get.
  ///   - linkField: The field that links registrations.
  /// - Returns: The heads of all, by the patient's addresses.
  package static func united(
    _ rows: [RowAddress: RowHeads],
    as patient: PatientID,
    linkField: String
  ) -> [RowAddress: RowHeads] {
    var heads: [RowAddress: [String: [Head]]] = [:]
    for (address, registers) in rows {
      let place = RowAddress(patient: patient, event: address.event, reader: address.reader)
      for (field, register) in registers where field != linkField {
        heads[place, default: [:]][field, default: []] += register.heads
      }
    }
    return heads.mapValues { $0.mapValues { Register(heads: $0) } }
  }

  /// Whether any head says that consent was withdrawn: in doubt, the patient is left out.
  package static func isWithdrawn(_ rows: [RowAddress: RowHeads], field: String) -> Bool {
    rows.values.contains { row in
      row[field]?.heads.contains { $0.value == .boolean(true) } ?? false
    }
  }

  /// Whether anything but links is recorded that was not retracted.
  package static func isRecorded(
    _ rows: [RowAddress: RowHeads],
    linkField: String
  ) -> Bool {
    rows.values.contains { row in
      row.contains { field, register in
        field != linkField && register.heads.contains { $0.value != .retracted }
      }
    }
  }
}
