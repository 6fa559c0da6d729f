// SPDX-License-Identifier: Apache-2.0

package import Replication

/// Which registrations are one patient: the connected components of the links between them.
///
/// A link that stands in any head counts, also while another head takes it back: in doubt the
/// registrations are one patient, and the doubt shows as a conflict of the link.
package struct PatientLinks {
  private var parents: [PatientID: PatientID] = [:]
  private var linked: Set<PatientID> = []

  /// Starts without links.
  package init() {}

  /// Takes the link register of one registration.
  package mutating func add(_ patient: PatientID, _ register: Register) {
    for head in register.heads {
      if case .patient(let other) = head.value { unite(patient, other) }
    }
  }

  /// The smallest id of the patient's registrations, which names the patient.
  package func name(of patient: PatientID) -> PatientID {
    var current = patient
    while let parent = parents[current] { current = parent }
    return current
  }

  /// All registrations of a patient by rising id; the patient alone when nothing links it.
  package func members(of patient: PatientID) -> [PatientID] {
    guard linked.contains(patient) else { return [patient] }
    let name = name(of: patient)
    return linked.filter { self.name(of: $0) == name }.sorted()
  }

  /// The names of the patients with several registrations, by rising id.
  package var names: [PatientID] { Set(linked.map(name)).sorted() }

  /// The smaller name becomes the root, so that it is the component's name.
  private mutating func unite(_ left: PatientID, _ right: PatientID) {
    let (first, second) = (name(of: left), name(of: right))
    guard first != second else { return }
    linked.formUnion([left, right])
    parents[max(first, second)] = min(first, second)
  }
}
