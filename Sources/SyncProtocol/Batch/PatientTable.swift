// SPDX-License-Identifier: Apache-2.0
import Foundation
import Replication

/// The patients of a batch while it is read: new ones by id, known ones as stand-ins.
struct PatientTable {
  /// The patients that the batch introduces.
  let new: [PatientID]
  /// The patients that it names by number, in order of first use.
  private(set) var references: [PatientReference] = []
  private let introducers: [ReplicaID]
  /// By introducer: the first index, and how many there are.
  private let spans: [(introducer: Int, start: UInt64, count: UInt64)]
  private let knownCount: UInt64
  private var standIns: [UInt64: Int] = [:]
  private var usedByRuns = 0
  private var isLinked: [Bool]
  private var greatest: [UInt64]

  init(_ columns: WireBatchColumns, introducers: [ReplicaID]) throws(FormFaultError) {
    let bytes = [UInt8](columns.patients)
    guard bytes.count.isMultiple(of: 16) else { throw FormFaultError(.length) }
    new = stride(from: 0, to: bytes.count, by: 16).compactMap {
      PatientID(bytes: bytes[$0..<$0 + 16])
    }
    guard new.count <= 2 * BatchLimits.writes, new.allSatisfy({ $0.standInIndex == nil }) else {
      throw FormFaultError(.index)
    }
    isLinked = [Bool](repeating: false, count: new.count)
    guard columns.introducers.count == columns.introduced.count else {
      throw FormFaultError(.counts)
    }
    var spans: [(introducer: Int, start: UInt64, count: UInt64)] = []
    var start: UInt64 = 0
    for (number, count) in zip(columns.introducers, columns.introduced) {
      let introducer = Int(number)
      guard introducer < introducers.count, count > 0, count <= UInt64(Int64.max) / 2048 else {
        throw FormFaultError(.index)
      }
      if let last = spans.last, last.introducer >= introducer { throw FormFaultError(.order) }
      spans.append((introducer, start, count))
      start += count
    }
    self.introducers = introducers
    self.spans = spans
    greatest = [UInt64](repeating: 0, count: spans.count)
    knownCount = start
  }

  /// Says whether every new patient and the whole span of every introducer was needed.
  var isUsed: Bool {
    isLinked[usedByRuns...].allSatisfy { $0 }
      && zip(spans, greatest).allSatisfy { $0.count == $1 }
  }

  /// The patient of the next run.
  mutating func patient(ofRun number: Int64) throws(FormFaultError) -> PatientID {
    if number == 0 {
      guard usedByRuns < new.count else { throw FormFaultError(.index) }
      usedByRuns += 1
      return new[usedByRuns - 1]
    }
    guard number > 0 else { throw FormFaultError(.index) }
    let index = UInt64(number - 1)
    guard index < knownCount + UInt64(usedByRuns) else { throw FormFaultError(.index) }
    return patient(at: index)
  }

  /// A linked patient.
  mutating func patient(linkedAt number: Int64) throws(FormFaultError) -> PatientID {
    guard number >= 0, UInt64(number) < knownCount + UInt64(new.count) else {
      throw FormFaultError(.index)
    }
    let index = UInt64(number)
    if index >= knownCount { isLinked[Int(index - knownCount)] = true }
    return patient(at: index)
  }

  private mutating func patient(at index: UInt64) -> PatientID {
    if index >= knownCount { return new[Int(index - knownCount)] }
    if let known = standIns[index] { return .standIn(known) }
    let standIn = references.count
    standIns[index] = standIn
    let place = spans.lastIndex { $0.start <= index } ?? 0
    let number = index - spans[place].start
    greatest[place] = max(greatest[place], number + 1)
    references.append(
      PatientReference(introducer: introducers[spans[place].introducer], number: number)
    )
    return .standIn(standIn)
  }
}
