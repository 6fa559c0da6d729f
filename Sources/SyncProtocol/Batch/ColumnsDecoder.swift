// SPDX-License-Identifier: Apache-2.0
import Foundation
import Replication

/// Turns columns back into changesets and refuses every other form than the encoder's.
struct ColumnsDecoder {
  private typealias Place = (event: String, reader: String, field: String)

  private let names: [String]
  private let patients: [PatientID]
  private let places: [Place]
  private let changesetCount: Int
  private var reasons: Cursor<UInt32>
  private var lamportSteps: Cursor<UInt64>
  private var runCounts: Cursor<UInt32>
  private var patientSteps: Cursor<Int32>
  private var writeCounts: Cursor<UInt32>
  private var placeSteps: Cursor<UInt32>
  private var kinds: Cursor<UInt8>
  private var integers: Cursor<Int64>
  private var exponents: Cursor<UInt8>
  private var mantissas: Cursor<Int64>
  private var bits: Cursor<UInt64>
  private var codes: Cursor<UInt32>
  private var days: Cursor<Int32>
  private var links: Cursor<UInt32>
  /// How many patients have been used; a new one must be the next of the table.
  private var usedPatients = 0
  private var patient = 0

  /// Decodes columns to the changesets of a replica from a first sequence on.
  static func decode(
    _ columns: WireBatchColumns,
    replica: ReplicaID,
    firstSequence: UInt64,
    foreignContext: VersionVector
  ) throws(SyncProtocolError) -> [Changeset] {
    do throws(FormFaultError) {
      var decoder = try ColumnsDecoder(columns)
      return try decoder.changesets(
        replica: replica,
        firstSequence: firstSequence,
        foreignContext: foreignContext
      )
    } catch {
      throw .form(error.fault)
    }
  }

  private init(_ columns: WireBatchColumns) throws(FormFaultError) {
    changesetCount = columns.reasons.count
    guard changesetCount > 0, changesetCount <= BatchLimits.changesets,
      columns.kinds.count <= BatchLimits.writes
    else { throw FormFaultError(.counts) }
    names = columns.names
    patients = try Self.patients([UInt8](columns.patients))
    places = try Self.places(columns)
    reasons = Cursor(columns.reasons)
    lamportSteps = Cursor(columns.lamportSteps)
    runCounts = Cursor(columns.runCounts)
    patientSteps = Cursor(columns.patientSteps)
    writeCounts = Cursor(columns.writeCounts)
    placeSteps = Cursor(columns.placeSteps)
    kinds = Cursor([UInt8](columns.kinds))
    integers = Cursor(columns.integers)
    exponents = Cursor([UInt8](columns.decimalExponents))
    mantissas = Cursor(columns.decimalMantissas)
    bits = Cursor(columns.decimalBits)
    codes = Cursor(columns.codes)
    days = Cursor(columns.days)
    links = Cursor(columns.links)
  }

  private var isAtEnd: Bool {
    reasons.isAtEnd && lamportSteps.isAtEnd && runCounts.isAtEnd && patientSteps.isAtEnd
      && writeCounts.isAtEnd && placeSteps.isAtEnd && kinds.isAtEnd && integers.isAtEnd
      && exponents.isAtEnd && mantissas.isAtEnd && bits.isAtEnd && codes.isAtEnd && days.isAtEnd
      && links.isAtEnd && usedPatients == patients.count
  }

  private static func patients(_ bytes: [UInt8]) throws(FormFaultError) -> [PatientID] {
    guard bytes.count.isMultiple(of: 16) else { throw FormFaultError(.length) }
    return stride(from: 0, to: bytes.count, by: 16).compactMap {
      PatientID(bytes: bytes[$0..<$0 + 16])
    }
  }

  private static func places(_ columns: WireBatchColumns) throws(FormFaultError) -> [Place] {
    for name in columns.names where !BatchLimits.isName(name) { throw FormFaultError(.name) }
    for (name, next) in zip(columns.names, columns.names.dropFirst()) where name >= next {
      throw FormFaultError(.namesNotRising)
    }
    let names = [""] + columns.names
    let count = columns.placeFields.count
    guard columns.placeEvents.count == count, columns.placeReaders.count == count else {
      throw FormFaultError(.counts)
    }
    var result: [Place] = []
    result.reserveCapacity(count)
    var last: (UInt32, UInt32, UInt32)?
    for index in 0..<count {
      let triple = (
        columns.placeEvents[index], columns.placeReaders[index], columns.placeFields[index]
      )
      guard triple.0 < names.count, triple.1 < names.count, triple.2 < names.count, triple.2 > 0
      else { throw FormFaultError(.index) }
      if let last, last >= triple { throw FormFaultError(.order) }
      last = triple
      result.append((names[Int(triple.0)], names[Int(triple.1)], names[Int(triple.2)]))
    }
    return result
  }

  private mutating func changesets(
    replica: ReplicaID,
    firstSequence: UInt64,
    foreignContext: VersionVector
  ) throws(FormFaultError) -> [Changeset] {
    var result: [Changeset] = []
    result.reserveCapacity(changesetCount)
    var lamport: UInt64 = 0
    for index in 0..<changesetCount {
      let (next, overflow) = lamport.addingReportingOverflow(try lamportSteps.take())
      guard next > lamport, !overflow, next <= BatchLimits.greatestNumber else {
        throw FormFaultError(.lamport)
      }
      lamport = next
      let sequence = firstSequence + UInt64(index)
      var context = foreignContext
      context.advance(replica, to: sequence - 1)
      result.append(
        Changeset(
          dot: Dot(replica: replica, sequence: sequence),
          lamport: lamport,
          reason: try name(try reasons.take()),
          context: context,
          orderedWrites: try runs(try runCounts.take())
        )
      )
    }
    guard isAtEnd else { throw FormFaultError(.counts) }
    return result
  }

  private mutating func runs(_ count: UInt32) throws(FormFaultError) -> [FieldWrite] {
    guard count > 0, Int(count) <= patientSteps.remaining else { throw FormFaultError(.counts) }
    var writes: [FieldWrite] = []
    var last: PatientID?
    for _ in 0..<count {
      patient += Int(try patientSteps.take())
      let current = try use(patientAt: patient)
      if let last, last >= current { throw FormFaultError(.order) }
      last = current
      try append(Int(try writeCounts.take()), of: current, to: &writes)
    }
    return writes
  }

  private mutating func append(
    _ count: Int,
    of patient: PatientID,
    to writes: inout [FieldWrite]
  ) throws(FormFaultError) {
    guard count > 0, count <= kinds.remaining else { throw FormFaultError(.counts) }
    writes.reserveCapacity(writes.count + count)
    var number = 0
    for _ in 0..<count {
      let step = Int(try placeSteps.take())
      guard step > 0 else { throw FormFaultError(.order) }
      number += step
      guard number <= places.count else { throw FormFaultError(.index) }
      let place = places[number - 1]
      writes.append(
        FieldWrite(
          address: Address(
            patient: patient,
            event: place.event,
            reader: place.reader,
            field: place.field
          ),
          value: try value()
        )
      )
    }
  }

  private mutating func use(patientAt index: Int) throws(FormFaultError) -> PatientID {
    guard index >= 0, index < patients.count else { throw FormFaultError(.index) }
    guard index <= usedPatients else { throw FormFaultError(.order) }
    if index == usedPatients { usedPatients += 1 }
    return patients[index]
  }

  private func name(_ number: UInt32) throws(FormFaultError) -> String {
    guard number > 0, number <= names.count else { throw FormFaultError(.index) }
    return names[Int(number) - 1]
  }

  private mutating func value() throws(FormFaultError) -> Value {
    guard let kind = ValueKind(rawValue: try kinds.take()) else { throw FormFaultError(.kind) }
    switch kind {
    case .integer: return .integer(try integers.take())
    case .decimal: return .decimal(try decimal())
    case .code: return .code(try name(try codes.take()))
    case .isFalse: return .boolean(false)
    case .isTrue: return .boolean(true)
    case .day: return .day(try days.take())
    case .patient: return .patient(try use(patientAt: Int(try links.take())))
    case .notDone: return .missing(.notDone)
    case .notKnown: return .missing(.notKnown)
    case .notApplicable: return .missing(.notApplicable)
    case .retracted: return .retracted
    }
  }

  private mutating func decimal() throws(FormFaultError) -> Double {
    let exponent = try exponents.take()
    if exponent == DecimalScale.raw {
      let number = Double(bitPattern: try bits.take())
      guard number.isFinite else { throw FormFaultError(.number) }
      return number
    }
    guard
      let number = DecimalScale.value(mantissa: try mantissas.take(), exponent: exponent)
    else { throw FormFaultError(.number) }
    return number
  }
}

/// A column that is read once, from front to back.
struct Cursor<Element> {
  private let column: [Element]
  private var next = 0

  init(_ column: [Element]) { self.column = column }

  /// How many elements are left.
  var remaining: Int { column.count - next }

  /// Says whether everything was read.
  var isAtEnd: Bool { next == column.count }

  /// Reads the next element; a column that ends too early is a form fault.
  mutating func take() throws(FormFaultError) -> Element {
    guard next < column.count else { throw FormFaultError(.counts) }
    defer { next += 1 }
    return column[next]
  }
}
