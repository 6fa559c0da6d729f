// SPDX-License-Identifier: Apache-2.0

/// One change: a value written at an address.
public struct FieldWrite: Hashable, Sendable {
  /// Where it is written.
  public let address: Address
  /// What is written.
  public let value: Value

  /// Makes a field write.
  public init(address: Address, value: Value) {
    self.address = address
    self.value = value
  }
}

/// The changes of one form save or one imported row: all of them apply, or none.
public struct Changeset: Hashable, Sendable {
  /// Its name.
  public let dot: Dot
  /// The author's Lamport counter, greater than every counter the author had seen.
  public let lamport: UInt64
  /// The code of the reason, such as `entry`, `import` or `correction`.
  public let reason: String
  /// What the author had when writing: its own earlier changesets and those of others.
  public let context: VersionVector
  /// The changes, by rising address, each address once.
  public let writes: [FieldWrite]

  /// Makes a changeset and puts its writes in order.
  ///
  /// When an address is written more than once, the last write counts.
  public init(
    dot: Dot,
    lamport: UInt64,
    reason: String,
    context: VersionVector,
    writes: [FieldWrite]
  ) {
    self.dot = dot
    self.lamport = lamport
    self.reason = reason
    self.context = context
    self.writes = Changeset.ordered(writes)
  }

  /// Makes a changeset from writes that are known to rise strictly by address.
  package init(
    dot: Dot,
    lamport: UInt64,
    reason: String,
    context: VersionVector,
    orderedWrites: [FieldWrite]
  ) {
    self.dot = dot
    self.lamport = lamport
    self.reason = reason
    self.context = context
    self.writes = orderedWrites
  }

  private static func ordered(_ writes: [FieldWrite]) -> [FieldWrite] {
    let isOrdered = zip(writes, writes.dropFirst()).allSatisfy { $0.address < $1.address }
    if isOrdered { return writes }
    var last: [Address: Value] = [:]
    for write in writes { last[write.address] = write.value }
    return last.map { FieldWrite(address: $0.key, value: $0.value) }
      .sorted { $0.address < $1.address }
  }
}
