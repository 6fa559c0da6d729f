// SPDX-License-Identifier: Apache-2.0
import Foundation
import Replication

/// Turns consecutive changesets of one replica into columns.
///
/// The columns grow here and not in the message, whose accessors copy an array at every append.
struct ColumnsEncoder {
  private var lamportSteps: [UInt64] = []
  private var runCounts: [UInt32] = []
  private var patientSteps: [Int32] = []
  private var writeCounts: [UInt32] = []
  private var integers: [Int64] = []
  private var decimalMantissas: [Int64] = []
  private var decimalBits: [UInt64] = []
  private var days: [Int32] = []
  private var links: [UInt32] = []
  private var table = NameTable()
  private var patientIndexes: [PatientID: Int32] = [:]
  private var patients: [UInt8] = []
  private var kinds: [UInt8] = []
  private var exponents: [UInt8] = []
  /// First-use numbers that become final at the end: places per write, names per code and reason.
  private var places: [Int] = []
  private var codes: [Int] = []
  private var reasons: [Int] = []
  private var lastPatient: Int32 = 0
  private var lastLamport: UInt64 = 0

  /// Encodes changesets, whose writes rise strictly by address.
  static func encode(
    _ changesets: ArraySlice<Changeset>
  ) throws(SyncProtocolError)
    -> WireBatchColumns
  {
    var encoder = ColumnsEncoder()
    for changeset in changesets {
      do throws(FormFaultError) {
        try encoder.append(changeset)
      } catch {
        throw .unwritable(changeset.dot, error.fault)
      }
    }
    return try encoder.finished()
  }

  private mutating func append(_ changeset: Changeset) throws(FormFaultError) {
    guard BatchLimits.isName(changeset.reason) else { throw FormFaultError(.name) }
    guard !changeset.writes.isEmpty else { throw FormFaultError(.counts) }
    guard changeset.lamport > lastLamport, changeset.lamport <= BatchLimits.greatestNumber else {
      throw FormFaultError(.lamport)
    }
    reasons.append(table.number(name: changeset.reason))
    lamportSteps.append(changeset.lamport - lastLamport)
    lastLamport = changeset.lamport
    var runs: UInt32 = 0
    var current: PatientID?
    for write in changeset.writes {
      let row = write.address.row
      if row.patient != current {
        current = row.patient
        runs += 1
        let index = patientIndex(row.patient)
        patientSteps.append(index - lastPatient)
        writeCounts.append(0)
        lastPatient = index
      }
      writeCounts[writeCounts.count - 1] += 1
      places.append(
        table.number(event: row.event, reader: row.reader, field: write.address.field)
      )
      try append(write.value)
    }
    runCounts.append(runs)
  }

  private mutating func append(_ value: Value) throws(FormFaultError) {
    switch value {
    case .integer(let number):
      kinds.append(ValueKind.integer.rawValue)
      integers.append(number)
    case .decimal(let number): try append(number)
    case .code(let code):
      guard BatchLimits.isName(code) else { throw FormFaultError(.name) }
      kinds.append(ValueKind.code.rawValue)
      codes.append(table.number(name: code))
    case .boolean(let isTrue):
      kinds.append((isTrue ? ValueKind.isTrue : .isFalse).rawValue)
    case .day(let day):
      kinds.append(ValueKind.day.rawValue)
      days.append(day)
    case .patient(let patient):
      kinds.append(ValueKind.patient.rawValue)
      links.append(UInt32(patientIndex(patient)))
    case .missing(let reason): kinds.append(ValueKind(reason).rawValue)
    case .retracted: kinds.append(ValueKind.retracted.rawValue)
    }
  }

  private mutating func append(_ number: Double) throws(FormFaultError) {
    guard number.isFinite else { throw FormFaultError(.number) }
    kinds.append(ValueKind.decimal.rawValue)
    if let scale = DecimalScale(exactly: number) {
      exponents.append(scale.exponent)
      decimalMantissas.append(scale.mantissa)
    } else {
      exponents.append(DecimalScale.raw)
      decimalBits.append(number.bitPattern)
    }
  }

  private mutating func patientIndex(_ patient: PatientID) -> Int32 {
    if let index = patientIndexes[patient] { return index }
    let index = Int32(patientIndexes.count)
    patientIndexes[patient] = index
    patients.append(contentsOf: patient.bytes)
    return index
  }

  private consuming func finished() throws(SyncProtocolError) -> WireBatchColumns {
    for place in table.places where place.field.isEmpty { throw .form(.name) }
    for name in table.names where !BatchLimits.isName(name) { throw .form(.name) }
    let order = NameOrder(table)
    var columns = WireBatchColumns()
    columns.names = order.names
    columns.placeEvents = order.places.map(\.event)
    columns.placeReaders = order.places.map(\.reader)
    columns.placeFields = order.places.map(\.field)
    columns.reasons = reasons.map(order.number)
    columns.codes = codes.map(order.number)
    columns.placeSteps = placeSteps(order)
    columns.patients = Data(patients)
    columns.kinds = Data(kinds)
    columns.decimalExponents = Data(exponents)
    columns.lamportSteps = lamportSteps
    columns.runCounts = runCounts
    columns.patientSteps = patientSteps
    columns.writeCounts = writeCounts
    columns.integers = integers
    columns.decimalMantissas = decimalMantissas
    columns.decimalBits = decimalBits
    columns.days = days
    columns.links = links
    return columns
  }

  private func placeSteps(_ order: NameOrder) -> [UInt32] {
    var steps: [UInt32] = []
    steps.reserveCapacity(places.count)
    var next = 0
    for count in writeCounts {
      var last: UInt32 = 0
      for _ in 0..<count {
        let number = order.placeIndexes[places[next]] + 1
        steps.append(number - last)
        last = number
        next += 1
      }
    }
    return steps
  }
}

/// A form fault on its way to an error that names the changeset.
struct FormFaultError: Error {
  let fault: FormFault

  init(_ fault: FormFault) { self.fault = fault }
}
