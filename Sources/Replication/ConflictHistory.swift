// SPDX-License-Identifier: Apache-2.0

/// Which addresses were ever in conflict, found in one pass over a log in the order of arrival.
///
/// An address was ever in conflict when two writes of it have different values and neither's context
/// covers the other: whatever the order in which they came, whether or not a later change has
/// resolved them, and also when one of the two authors had replaced its own write by then. Equal
/// values never conflict. The answer depends on nothing but which writes there are.
public struct ConflictHistory: Sendable {
  /// What one author wrote at an address, as far as later writes must know it.
  private struct Trace {
    let author: ReplicaID
    /// The author's last write.
    var last: UInt64
    var value: Value
    /// The author's last write of any other value; 0 when there was none.
    var lastOther: UInt64
  }

  private enum Cell {
    case quiet([Trace])
    case conflicted
  }

  private let names: [PatientID: PatientID]
  private let ownField: String
  private var rows: [RowAddress: [String: Cell]] = [:]

  /// Starts without writes.
  ///
  /// - Parameters:
  ///   - names: By registration, the patient that it is united with: writes of both meet at the
  ///     patient's addresses.
  ///   - ownField: A field that stays at each registration's own address, such as the link itself.
  public init(uniting names: [PatientID: PatientID] = [:], exceptFor ownField: String = "") {
    self.names = names
    self.ownField = ownField
  }

  /// Takes in a changeset, after all that its context covers.
  public mutating func add(_ changeset: Changeset) {
    var rest = changeset.writes[...]
    while let row = rest.first?.address.row {
      let end = rest.firstIndex { $0.address.row != row } ?? rest.endIndex
      add(rest[..<end], of: changeset, at: row)
      rest = rest[end...]
    }
  }

  /// The addresses that were ever in conflict, in order.
  public var addresses: [Address] {
    var result: [Address] = []
    for (row, cells) in rows {
      for case (let field, .conflicted) in cells { result.append(Address(row: row, field: field)) }
    }
    return result.sorted()
  }

  private mutating func add(
    _ writes: ArraySlice<FieldWrite>,
    of changeset: Changeset,
    at row: RowAddress
  ) {
    guard let name = names[row.patient] else {
      for write in writes { Self.add(write, of: changeset, to: &rows[row, default: [:]]) }
      return
    }
    let united = RowAddress(patient: name, event: row.event, reader: row.reader)
    for write in writes {
      let place = write.address.field == ownField ? row : united
      Self.add(write, of: changeset, to: &rows[place, default: [:]])
    }
  }

  /// Compares a write with all earlier ones of its address that its context does not cover.
  ///
  /// None of them can have seen it. One trace an author is enough to know.
  private static func add(
    _ write: FieldWrite,
    of changeset: Changeset,
    to cells: inout [String: Cell]
  ) {
    let field = write.address.field
    guard case .quiet(var traces) = cells[field] ?? .quiet([]) else { return }
    let (author, sequence) = (changeset.dot.replica, changeset.dot.sequence)
    var own: Int?
    for (place, trace) in traces.enumerated() {
      if trace.author == author {
        own = place
        continue
      }
      let different = trace.value == write.value ? trace.lastOther : trace.last
      if different > changeset.context[trace.author] {
        cells[field] = .conflicted
        return
      }
    }
    if let own {
      if traces[own].value != write.value {
        traces[own].lastOther = traces[own].last
        traces[own].value = write.value
      }
      traces[own].last = sequence
    } else {
      traces.append(Trace(author: author, last: sequence, value: write.value, lastOther: 0))
    }
    cells[field] = .quiet(traces)
  }
}
