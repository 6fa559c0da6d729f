// SPDX-License-Identifier: Apache-2.0
import GRDB
import Replication

/// The numbers of a scope's patients: their rows in `head_patient`, in the order of arrival.
///
/// Ids are random, and a batch of new patients would write a page for almost each of them in one
/// large tree of ids. So the newest are in a small tree of their own, and settle in the large one
/// many at a time, in its order. Whether a new patient is in the large one says a filter that is a
/// hundredth of its size, unless it is unsure.
struct PatientNumbers {
  struct Entry {
    let number: Int64
    /// Whether it has just been made, so that it has no rows yet and nobody introduced it.
    let isFresh: Bool
    /// Whether the patient was erased by law, and so has no rows.
    var isErased: Bool
  }

  /// The SQL of the number of a patient, `?2`, in the scope of `log_scope`.
  static let ofPatient = """
    (SELECT id FROM head_patient_settled WHERE scope = log_scope.id AND patient = ?2
      UNION ALL SELECT id FROM head_patient_recent WHERE scope = log_scope.id AND patient = ?2)
    """
  private static let findRecent =
    "SELECT id FROM head_patient_recent WHERE scope = ? AND patient = ?"
  private static let findSettled =
    "SELECT id FROM head_patient_settled WHERE scope = ? AND patient = ?"
  private static let insertPatient = "INSERT INTO head_patient (scope, patient) VALUES (?, ?)"
  private static let insertRecent = """
    INSERT OR IGNORE INTO head_patient_recent (scope, patient, id)
    SELECT scope, patient, id FROM head_patient WHERE id >= ?
    """
  private static let selectDisplaced = """
    SELECT head_patient.id, recent.id FROM head_patient JOIN head_patient_recent AS recent
      ON recent.scope = head_patient.scope AND recent.patient = head_patient.patient
    WHERE head_patient.id >= ? AND recent.id <> head_patient.id
    """
  /// From the index of erased patients, who are few.
  private static let findErased =
    "SELECT 1 FROM head_patient WHERE scope = ? AND patient = ? AND is_erased = 1"
  private static let deletePatient = "DELETE FROM head_patient WHERE id = ?"

  let scope: Int64
  let database: Database

  /// The number of a patient; nil when it has none.
  ///
  /// Where any are settled, most are.
  func find(_ patient: PatientID) throws -> Int64? {
    try find(patient, Self.findSettled) ?? find(patient, Self.findRecent)
  }

  /// The number of a patient, made when it has none.
  func findOrMake(_ patient: PatientID) throws -> Entry {
    if let number = try find(patient) {
      return Entry(number: number, isFresh: false, isErased: try isErased(patient))
    }
    let number = try make(patient)
    try DirectStatement(Self.insertRecent, in: database).run(.integer(number))
    return Entry(number: number, isFresh: true, isErased: false)
  }

  /// The numbers of patients that are likely new, made in their order.
  ///
  /// A patient that is named twice is fresh once.
  func introduce(_ patients: [PatientID]) throws -> [Entry] {
    var known = try settled(patients)
    var first: Int64?
    var made: [(index: Int, number: Int64)] = []
    made.reserveCapacity(patients.count)
    for index in patients.indices where known[index] == nil {
      let number = try make(patients[index])
      made.append((index, number))
      first = first ?? number
    }
    guard let first else { return try entries(patients, known, fresh: []) }
    try DirectStatement(Self.insertRecent, in: database).run(.integer(first))
    let isAllNew = database.changesCount == made.count
    let displaced = isAllNew ? [:] : try takeBack(from: first)
    var fresh: Set<Int> = []
    for (index, number) in made {
      known[index] = displaced[number] ?? number
      if displaced[number] == nil { fresh.insert(index) }
    }
    return try entries(patients, known, fresh: fresh)
  }

  private func entries(
    _ patients: [PatientID],
    _ numbers: [Int64?],
    fresh: Set<Int>
  ) throws -> [Entry] {
    try numbers.enumerated().map { index, number in
      let isFresh = fresh.contains(index)
      return Entry(
        number: number ?? 0,
        isFresh: isFresh,
        isErased: try !isFresh && isErased(patients[index])
      )
    }
  }

  private func isErased(_ patient: PatientID) throws -> Bool {
    try find(patient, Self.findErased) != nil
  }

  /// The numbers of those that are settled.
  private func settled(_ patients: [PatientID]) throws -> [Int64?] {
    var found = [Int64?](repeating: nil, count: patients.count)
    var filter = try PatientFilter(in: database)
    guard !filter.isEmpty else { return found }
    // By rising id, in which filter and tree are walked once.
    for index in patients.indices.sorted(by: { patients[$0] < patients[$1] })
    where try filter.mayHold(patients[index]) {
      found[index] = try find(patients[index], Self.findSettled)
    }
    return found
  }

  /// Takes the numbers back of patients that were there already; the numbers that they have.
  private func takeBack(from first: Int64) throws -> [Int64: Int64] {
    var displaced: [Int64: Int64] = [:]
    try DirectStatement(Self.selectDisplaced, in: database).forEach(.integer(first)) { row in
      displaced[row.integer(0)] = row.integer(1)
    }
    let delete = try DirectStatement(Self.deletePatient, in: database)
    for number in displaced.keys { try delete.run(.integer(number)) }
    return displaced
  }

  private func make(_ patient: PatientID) throws -> Int64 {
    try DirectStatement(Self.insertPatient, in: database).run(
      .integer(scope),
      .identifier(patient)
    )
    return database.lastInsertedRowID
  }

  private func find(_ patient: PatientID, _ select: String) throws -> Int64? {
    try DirectStatement(select, in: database).first(.integer(scope), .identifier(patient)) {
      $0.integer(0)
    }
  }
}
