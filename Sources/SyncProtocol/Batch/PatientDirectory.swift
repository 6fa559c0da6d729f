// SPDX-License-Identifier: Apache-2.0
public import Replication

/// What an author knows of patients that batches in its context introduced.
///
/// A batch names a known patient by number and lists the id of every other one. A directory that
/// knows nobody is always right; it only makes longer batches.
public struct PatientDirectory: Sendable {
  /// Known patients and who introduced them: the author, or somebody of the batch's context.
  public var references: [PatientID: PatientReference]
  /// How many patients the author's sealed batches have introduced.
  public var ownCount: UInt64

  /// Makes a directory.
  public init(references: [PatientID: PatientReference] = [:], ownCount: UInt64 = 0) {
    self.references = references
    self.ownCount = ownCount
  }

  /// Learns what a batch of the author has introduced.
  mutating func append(_ patients: [PatientID], by author: ReplicaID) {
    for patient in patients {
      references[patient] = PatientReference(introducer: author, number: ownCount)
      ownCount += 1
    }
  }
}

/// The patients of a batch while it is written: new ones by id, known ones by number.
struct PatientColumn {
  /// Where a patient stands: in an introducer's list, or among the new ones.
  enum Entry {
    case known(introducer: Int, number: UInt64)
    case new(Int)
  }

  private let directory: PatientDirectory
  /// The author and the foreign context, as they are numbered on the wire.
  private let introducers: [ReplicaID: Int]
  private var entries: [PatientID: Entry] = [:]
  /// By introducer: one more than the greatest number that is named.
  private var spans: [UInt64]
  private(set) var introduced: [PatientID] = []

  init(author: ReplicaID, foreignContext: [ContextEntry], directory: PatientDirectory) {
    self.directory = directory
    var introducers = [author: 0]
    for (index, entry) in foreignContext.enumerated() { introducers[entry.replica] = index + 1 }
    self.introducers = introducers
    spans = [UInt64](repeating: 0, count: foreignContext.count + 1)
  }

  /// Whether a patient can be written: stand-ins only where they are known by number.
  func mayName(_ patient: PatientID) -> Bool {
    patient.standInIndex == nil || directory.references[patient] != nil
  }

  /// The entry of a patient, and whether this is the first mention of a new one.
  mutating func entry(_ patient: PatientID) -> (entry: Entry, isFirst: Bool) {
    if let entry = entries[patient] { return (entry, false) }
    if let reference = directory.references[patient],
      let introducer = introducers[reference.introducer]
    {
      let entry = Entry.known(introducer: introducer, number: reference.number)
      spans[introducer] = max(spans[introducer], reference.number + 1)
      entries[patient] = entry
      return (entry, false)
    }
    let entry = Entry.new(introduced.count)
    entries[patient] = entry
    introduced.append(patient)
    return (entry, true)
  }

  /// The introducers that are named, and one more than the greatest number of each.
  var named: [(introducer: UInt32, span: UInt64)] {
    spans.indices.filter { spans[$0] > 0 }.map { (UInt32($0), spans[$0]) }
  }

  /// The final indexes of entries, once every patient was mentioned.
  func indexes(of entries: [Entry]) -> [Int64] {
    var starts = [UInt64](repeating: 0, count: spans.count + 1)
    for index in spans.indices { starts[index + 1] = starts[index] + spans[index] }
    return entries.map { entry in
      switch entry {
      case .known(let introducer, let number): Int64(clamping: starts[introducer] + number)
      case .new(let index): Int64(clamping: starts[spans.count] + UInt64(index))
      }
    }
  }
}
