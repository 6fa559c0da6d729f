// SPDX-License-Identifier: Apache-2.0
import Foundation
import Replication

/// What columns mean: changesets in which stand-ins hold the places of patients named by number.
struct DecodedColumns {
  let changesets: [Changeset]
  let introduced: [PatientID]
  let references: [PatientReference]
}

/// Turns columns back into changesets and refuses every other form than the encoder's.
struct ColumnsDecoder {
  private typealias Place = (event: String, reader: String, field: String)

  private let names: [String]
  private let places: [Place]
  private let shapes: [[Int]]
  private var streams: NumberStreamReader
  private var patients: PatientTable
  private let reasons: [Int64]
  private let lamportSteps: [Int64]
  private let runCounts: [Int64]
  private let runPatients: [Int64]
  private let runShapes: [Int64]
  /// The values by place, and how many of them are taken.
  private var values: [[Value]] = []
  private var taken: [Int]
  private var nextRun = 0

  /// Decodes columns to the changesets of a replica from a first sequence on.
  static func decode(
    _ columns: WireBatchColumns,
    replica: ReplicaID,
    firstSequence: UInt64,
    foreignContext: [ContextEntry]
  ) throws(SyncProtocolError) -> DecodedColumns {
    do throws(FormFaultError) {
      let introducers = [replica] + foreignContext.map(\.replica)
      var decoder = try ColumnsDecoder(columns, introducers: introducers)
      let changesets = try decoder.changesets(
        replica: replica,
        firstSequence: firstSequence,
        foreignContext: VersionVector(foreignContext)
      )
      return DecodedColumns(
        changesets: changesets,
        introduced: decoder.patients.new,
        references: decoder.patients.references
      )
    } catch {
      throw .form(error.fault)
    }
  }

  private init(
    _ columns: WireBatchColumns,
    introducers: [ReplicaID]
  ) throws(FormFaultError) {
    let changesetCount = Int(columns.changesetCount)
    guard changesetCount > 0, changesetCount <= BatchLimits.changesets else {
      throw FormFaultError(.counts)
    }
    names = columns.names
    places = try Self.places(columns)
    shapes = try Self.shapes(columns, placeCount: places.count)
    patients = try PatientTable(columns, introducers: introducers)
    streams = try NumberStreamReader(columns)
    taken = [Int](repeating: 0, count: places.count)
    reasons = try streams.next(changesetCount)
    lamportSteps = try streams.next(changesetCount)
    runCounts = try streams.next(changesetCount)
    let runCount = try Self.total(runCounts)
    runPatients = try streams.next(runCount)
    runShapes = try streams.next(runCount)
    var counts = [Int](repeating: 0, count: places.count)
    var total = 0
    for shape in runShapes {
      guard shape >= 0, shape < shapes.count else { throw FormFaultError(.index) }
      total += shapes[Int(shape)].count
      guard total <= BatchLimits.writes else { throw FormFaultError(.counts) }
      for place in shapes[Int(shape)] { counts[place] += 1 }
    }
    var reader = ValueColumnsReader(
      names: names,
      exponents: [UInt8](columns.decimalExponents)
    )
    for count in counts {
      guard count > 0 else { throw FormFaultError(.order) }
      values.append(try reader.next(count, from: &streams, patients: &patients))
    }
    guard streams.isAtEnd, reader.isAtEnd else { throw FormFaultError(.counts) }
  }

  private static func total(_ counts: [Int64]) throws(FormFaultError) -> Int {
    var total: Int64 = 0
    for count in counts {
      guard count > 0, count <= BatchLimits.writes else { throw FormFaultError(.counts) }
      total += count
      guard total <= BatchLimits.writes else { throw FormFaultError(.counts) }
    }
    return Int(total)
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

  private static func shapes(
    _ columns: WireBatchColumns,
    placeCount: Int
  ) throws(FormFaultError) -> [[Int]] {
    let all = columns.shapePlaces
    var result: [[Int]] = []
    var next = 0
    for size in columns.shapeSizes {
      guard size > 0, Int(size) <= all.count - next else { throw FormFaultError(.counts) }
      let shape = all[next..<next + Int(size)].map { Int($0) }
      next += Int(size)
      guard (shape.last ?? 0) < placeCount else { throw FormFaultError(.index) }
      for (place, following) in zip(shape, shape.dropFirst()) where place >= following {
        throw FormFaultError(.order)
      }
      result.append(shape)
    }
    guard next == all.count else { throw FormFaultError(.counts) }
    return result
  }

  private mutating func changesets(
    replica: ReplicaID,
    firstSequence: UInt64,
    foreignContext: VersionVector
  ) throws(FormFaultError) -> [Changeset] {
    var result: [Changeset] = []
    result.reserveCapacity(reasons.count)
    var lamport: UInt64 = 0
    for index in reasons.indices {
      guard lamportSteps[index] > 0 else { throw FormFaultError(.lamport) }
      lamport += UInt64(lamportSteps[index])
      guard lamport <= BatchLimits.greatestNumber else { throw FormFaultError(.lamport) }
      guard reasons[index] > 0, reasons[index] <= names.count else { throw FormFaultError(.index) }
      let sequence = firstSequence + UInt64(index)
      var context = foreignContext
      context.advance(replica, to: sequence - 1)
      result.append(
        Changeset(
          dot: Dot(replica: replica, sequence: sequence),
          lamport: lamport,
          reason: names[Int(reasons[index]) - 1],
          context: context,
          orderedWrites: try runs(Int(runCounts[index]))
        )
      )
    }
    guard patients.isUsed else { throw FormFaultError(.order) }
    return result
  }

  private mutating func runs(_ count: Int) throws(FormFaultError) -> [FieldWrite] {
    var writes: [FieldWrite] = []
    var last: PatientID?
    for run in nextRun..<nextRun + count {
      let patient = try patients.patient(ofRun: runPatients[run])
      // Where a reference stands, only resolving it can tell.
      if let last, last == patient || (last > patient && patient.standInIndex == nil) {
        throw FormFaultError(.order)
      }
      last = patient.standInIndex == nil ? patient : nil
      let shape = shapes[Int(runShapes[run])]
      writes.reserveCapacity(writes.count + shape.count)
      for place in shape {
        let value = values[place][taken[place]]
        taken[place] += 1
        let (event, reader, field) = places[place]
        if value == .erased {
          guard event.isEmpty, reader.isEmpty, field == Address.erasureField else {
            throw FormFaultError(.kind)
          }
        }
        let row = RowAddress(patient: patient, event: event, reader: reader)
        writes.append(FieldWrite(address: Address(row: row, field: field), value: value))
      }
    }
    nextRun += count
    return writes
  }
}
