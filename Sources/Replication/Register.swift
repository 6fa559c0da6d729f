// SPDX-License-Identifier: Apache-2.0

/// One value that no later change has replaced, and the changeset that wrote it.
public struct Head: Hashable, Sendable {
  /// The changeset that wrote it.
  public let dot: Dot
  /// That changeset's Lamport counter, for display order alone.
  public let lamport: UInt64
  /// The value.
  public let value: Value

  /// Makes a head.
  public init(dot: Dot, lamport: UInt64, value: Value) {
    self.dot = dot
    self.lamport = lamport
    self.value = value
  }
}

/// The heads of one address: a multi-value register.
///
/// One head is the value; equal heads read as one value; different heads are a conflict that
/// only a later change can resolve.
public struct Register: Hashable, Sendable {
  /// The heads, by rising dot.
  public private(set) var heads: [Head]

  /// Makes a register without heads.
  public init() { heads = [] }

  /// Makes a register from heads in any order; one head per dot is kept.
  public init(heads: [Head]) {
    var kept: [Head] = []
    for head in heads.sorted(by: { $0.dot < $1.dot }) where kept.last?.dot != head.dot {
      kept.append(head)
    }
    self.heads = kept
  }

  /// Applies one write: removes the heads its context covers, and adds itself.
  ///
  /// A write must be applied after everything its context covers. A dot that is already a head
  /// changes nothing.
  public mutating func apply(value: Value, dot: Dot, lamport: UInt64, context: VersionVector) {
    if heads.isEmpty {
      heads = [Head(dot: dot, lamport: lamport, value: value)]
      return
    }
    if heads.contains(where: { $0.dot == dot }) { return }
    heads.removeAll { context.covers($0.dot) }
    let place = heads.firstIndex { dot < $0.dot } ?? heads.endIndex
    heads.insert(Head(dot: dot, lamport: lamport, value: value), at: place)
  }

  /// The head shown until a conflict is resolved: the one with the greatest (Lamport, replica).
  public var provisional: Head? {
    heads.max { left, right in
      left.lamport != right.lamport ? left.lamport < right.lamport : left.dot < right.dot
    }
  }

  /// Says whether heads with different values stand side by side.
  public var hasConflict: Bool {
    guard heads.count > 1, let first = heads.first else { return false }
    return heads.contains { $0.value != first.value }
  }

  /// The provisional value; nil when nothing was ever written.
  public var value: Value? { provisional?.value }
}

/// The registers of one row, by field name.
public typealias RowHeads = [String: Register]
