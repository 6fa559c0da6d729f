// SPDX-License-Identifier: Apache-2.0
import Foundation
import Replication

/// Turns consecutive changesets of one replica into columns.
struct ColumnsEncoder {
  private var table = NameTable()
  private var patients: PatientColumn
  private var reasons: [Int] = []
  private var lamportSteps: [Int64] = []
  private var runCounts: [Int64] = []
  /// Per run: nil for the next new patient.
  private var runPatients: [PatientColumn.Entry?] = []
  private var runShapes: [Int64] = []
  private var shapes: [[Int]] = []
  private var shapeNumbers: [[Int]: Int] = [:]
  /// The values by place, both in order of first use.
  private var values: [[Value]] = []
  private var lastLamport: UInt64 = 0

  /// Encodes changesets, whose writes rise strictly by address.
  ///
  /// - Returns: The columns, and the patients that they introduce.
  static func encode(
    _ changesets: ArraySlice<Changeset>,
    foreignContext: [ContextEntry] = [],
    directory: PatientDirectory = PatientDirectory()
  ) throws(SyncProtocolError) -> (columns: WireBatchColumns, introduced: [PatientID]) {
    guard let first = changesets.first else { throw .nothingToSeal }
    var encoder = ColumnsEncoder(
      patients: PatientColumn(
        author: first.dot.replica,
        foreignContext: foreignContext,
        directory: directory
      )
    )
    for changeset in changesets {
      do throws(FormFaultError) {
        try encoder.append(changeset)
      } catch {
        throw .unwritable(changeset.dot, error.fault)
      }
    }
    return try encoder.finished()
  }

  private init(patients: PatientColumn) { self.patients = patients }

  private mutating func append(_ changeset: Changeset) throws(FormFaultError) {
    guard BatchLimits.isName(changeset.reason) else { throw FormFaultError(.name) }
    guard !changeset.writes.isEmpty else { throw FormFaultError(.counts) }
    guard changeset.lamport > lastLamport, changeset.lamport <= BatchLimits.greatestNumber else {
      throw FormFaultError(.lamport)
    }
    reasons.append(table.number(name: changeset.reason))
    lamportSteps.append(Int64(changeset.lamport - lastLamport))
    lastLamport = changeset.lamport
    var runs: Int64 = 0
    var current: PatientID?
    var shape: [Int] = []
    for write in changeset.writes {
      let row = write.address.row
      if row.patient != current {
        if current != nil { endRun(shape) }
        guard patients.mayName(row.patient) else { throw FormFaultError(.index) }
        shape.removeAll(keepingCapacity: true)
        current = row.patient
        runs += 1
        let (entry, isFirst) = patients.entry(row.patient)
        runPatients.append(isFirst ? nil : entry)
      }
      let place = table.number(
        event: row.event,
        reader: row.reader,
        field: write.address.field
      )
      shape.append(place)
      try append(write.value, at: place)
    }
    endRun(shape)
    runCounts.append(runs)
  }

  private mutating func endRun(_ shape: [Int]) {
    if let last = runShapes.last, shapes[Int(last)] == shape {
      runShapes.append(last)
      return
    }
    let number = shapeNumbers[shape] ?? shapes.count
    if number == shapes.count {
      shapeNumbers[shape] = number
      shapes.append(shape)
    }
    runShapes.append(Int64(number))
  }

  private mutating func append(_ value: Value, at place: Int) throws(FormFaultError) {
    switch value {
    case .code(let code):
      if table.known(name: code) == nil {
        guard BatchLimits.isName(code) else { throw FormFaultError(.name) }
        _ = table.number(name: code)
      }
    case .decimal(let number):
      guard number.isFinite else { throw FormFaultError(.number) }
    case .patient(let link):
      guard patients.mayName(link) else { throw FormFaultError(.index) }
    case .integer, .boolean, .day, .missing, .retracted, .erased: break
    }
    if place == values.count { values.append([]) }
    values[place].append(value)
  }

  private consuming func finished() throws(SyncProtocolError) -> (WireBatchColumns, [PatientID]) {
    for place in table.places where place.field.isEmpty { throw .form(.name) }
    for name in table.names where !BatchLimits.isName(name) { throw .form(.name) }
    let order = NameOrder(table)
    let links = linkEntries(order)
    var columns = WireBatchColumns()
    columns.names = order.names
    columns.placeEvents = order.places.map(\.event)
    columns.placeReaders = order.places.map(\.reader)
    columns.placeFields = order.places.map(\.field)
    columns.shapeSizes = shapes.map { UInt32($0.count) }
    columns.shapePlaces = shapes.flatMap { shape in shape.map { order.placeIndexes[$0] } }
    columns.introducers = patients.named.map(\.introducer)
    columns.introduced = patients.named.map(\.span)
    columns.changesetCount = UInt32(reasons.count)
    columns.patients = Data(patients.introduced.flatMap(\.bytes))
    var streams = NumberStreamWriter()
    streams.append(reasons.map { Int64(order.number($0)) })
    streams.append(lamportSteps)
    streams.append(runCounts)
    streams.append(runIndexes())
    streams.append(runShapes)
    var writer = ValueColumns(
      names: order,
      links: patients.indexes(of: links)[...],
      streams: streams
    )
    for place in order.firstUses { writer.append(values[place]) }
    columns.decimalExponents = Data(writer.exponents)
    columns.bases = writer.streams.bases
    columns.widths = Data(writer.streams.widths)
    columns.planes = writer.streams.planes
    return (columns, patients.introduced)
  }

  /// The linked patients in the order of the streams; those that no run has come last of the new.
  private mutating func linkEntries(_ order: NameOrder) -> [PatientColumn.Entry] {
    var result: [PatientColumn.Entry] = []
    for place in order.firstUses {
      for case .patient(let link) in values[place] { result.append(patients.entry(link).entry) }
    }
    return result
  }

  private func runIndexes() -> [Int64] {
    let known = patients.indexes(of: runPatients.compactMap { $0 })
    var next = known.startIndex
    return runPatients.map { entry in
      guard entry != nil else { return 0 }
      defer { next += 1 }
      return known[next] + 1
    }
  }
}

/// A form fault on its way to an error that names the changeset.
struct FormFaultError: Error {
  let fault: FormFault

  init(_ fault: FormFault) { self.fault = fault }
}
