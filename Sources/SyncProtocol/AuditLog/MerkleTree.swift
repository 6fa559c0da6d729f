// SPDX-License-Identifier: Apache-2.0

import Crypto
public import Foundation

/// The hash tree over an append-only list of entries, as RFC 6962 section 2.1 defines it.
///
/// A leaf is hashed after a zero byte and an inner node after a one byte, so that neither can pass
/// for the other. The tree itself is nowhere: whoever keeps the entries keeps the nodes of complete
/// subtrees too, and every root and proof is put together from a few of them.
public struct MerkleTree<Failure: Error> {
  /// The hash of a complete subtree: of the leaves from `position << level`, `1 << level` of them.
  public typealias Node = (_ level: Int, _ position: UInt64) throws(Failure) -> Data

  /// The number of leaves.
  public let size: UInt64
  private let node: Node

  /// Looks at a tree through its stored nodes.
  ///
  /// - Parameters:
  ///   - size: The number of leaves.
  ///   - node: Reads the hash of a complete subtree.
  public init(size: UInt64, node: @escaping Node) {
    self.size = size
    self.node = node
  }

  /// The hash over all leaves; of nothing, when there are none.
  public func root() throws(Failure) -> Data {
    guard size > 0 else { return MerkleHash.empty }
    return try hash(of: 0..<size)
  }

  /// The nodes that become complete with one more leaf, the leaf first.
  ///
  /// - Parameter leaf: The hash of the new leaf.
  /// - Returns: Level, position and hash of each.
  /// - Throws: What reading a node throws.
  public func appending(_ leaf: Data) throws(Failure) -> [MerkleNode] {
    var last = MerkleNode(level: 0, position: size, hash: leaf)
    var made = [last]
    while last.position & 1 == 1 {
      last = MerkleNode(
        level: last.level + 1,
        position: last.position >> 1,
        hash: MerkleHash.inner(try node(last.level, last.position - 1), last.hash)
      )
      made.append(last)
    }
    return made
  }

  /// The hashes that lead from one leaf to the root, the lowest first.
  ///
  /// - Parameter index: The leaf, from 0 and below the size.
  /// - Returns: The hashes, 32 bytes each.
  /// - Throws: What reading a node throws.
  public func inclusionProof(of index: UInt64) throws(Failure) -> [Data] {
    var proof: [Data] = []
    var range = 0..<size
    while range.count > 1 {
      let middle = range.lowerBound + Self.split(UInt64(range.count))
      let (left, right) = (range.lowerBound..<middle, middle..<range.upperBound)
      proof.append(try hash(of: index < middle ? right : left))
      range = index < middle ? left : right
    }
    return proof.reversed()
  }

  /// The hashes that show that the first leaves of this tree are those of a smaller one.
  ///
  /// - Parameter first: The size of the smaller tree, at least 1 and at most the size of this one.
  /// - Returns: The hashes, 32 bytes each.
  /// - Throws: What reading a node throws.
  public func consistencyProof(from first: UInt64) throws(Failure) -> [Data] {
    var proof: [Data] = []
    var range = 0..<size
    var isWhole = true
    while range.upperBound != first {
      let middle = range.lowerBound + Self.split(UInt64(range.count))
      let (left, right) = (range.lowerBound..<middle, middle..<range.upperBound)
      let goesLeft = first <= middle
      proof.append(try hash(of: goesLeft ? right : left))
      range = goesLeft ? left : right
      // Once the way goes right, the smaller tree's root is no longer one of the nodes on it.
      isWhole = isWhole && goesLeft
    }
    if !isWhole { proof.append(try hash(of: range)) }
    return proof.reversed()
  }

  private func hash(of range: Range<UInt64>) throws(Failure) -> Data {
    let count = UInt64(range.count)
    if count & (count - 1) == 0 {
      let level = count.trailingZeroBitCount
      return try node(level, range.lowerBound >> UInt64(level))
    }
    let middle = range.lowerBound + Self.split(count)
    return MerkleHash.inner(
      try hash(of: range.lowerBound..<middle),
      try hash(of: middle..<range.upperBound)
    )
  }

  /// The greatest power of two below a count of at least 2.
  private static func split(_ count: UInt64) -> UInt64 {
    1 << UInt64(63 - (count - 1).leadingZeroBitCount)
  }
}

/// The hash of one complete subtree.
public struct MerkleNode: Hashable, Sendable {
  /// How many levels it stands above the leaves.
  public let level: Int
  /// Its place among the nodes of its level, from 0.
  public let position: UInt64
  /// Its hash, 32 bytes.
  public let hash: Data
}

/// The hashes of RFC 6962, and the proofs that anyone can check with them.
public enum MerkleHash {
  /// The root of a tree without leaves.
  public static let empty = Data(SHA256.hash(data: Data()))

  /// The hash of a leaf.
  public static func leaf(_ entry: Data) -> Data {
    Data(SHA256.hash(data: [0] + entry))
  }

  /// The hash of the node above two others.
  public static func inner(_ left: Data, _ right: Data) -> Data {
    Data(SHA256.hash(data: [1] + left + right))
  }

  /// Says whether a proof leads from a leaf to a root (RFC 9162, section 2.1.3.2).
  public static func isIncluded(
    leaf: Data,
    index: UInt64,
    size: UInt64,
    proof: [Data],
    root: Data
  ) -> Bool {
    guard index < size else { return false }
    var (first, last) = (index, size - 1)
    var hash = leaf
    for other in proof {
      guard last > 0 else { return false }
      if first & 1 == 1 || first == last {
        hash = inner(other, hash)
        while first & 1 == 0, first > 0 { (first, last) = (first >> 1, last >> 1) }
      } else {
        hash = inner(hash, other)
      }
      (first, last) = (first >> 1, last >> 1)
    }
    return last == 0 && hash == root
  }

  /// Says whether a proof shows that a tree continues a smaller one (RFC 9162, section 2.1.4.2).
  ///
  /// Every tree continues the empty one.
  public static func isConsistent(
    from first: (size: UInt64, root: Data),
    to second: (size: UInt64, root: Data),
    proof: [Data]
  ) -> Bool {
    guard first.size > 0 else { return proof.isEmpty && first.root == empty }
    guard first.size < second.size else {
      return proof.isEmpty && first.size == second.size && first.root == second.root
    }
    let isPower = first.size & (first.size - 1) == 0
    guard
      var fold = ConsistencyFold(first.size, second.size, start: isPower ? first.root : proof.first)
    else { return false }
    for other in proof.dropFirst(isPower ? 0 : 1) {
      guard fold.take(other) else { return false }
    }
    return fold.last == 0 && fold.old == first.root && fold.new == second.root
  }
}

/// The way up through two trees at once: the roots of both grow out of one proof.
private struct ConsistencyFold {
  private var first: UInt64
  private(set) var last: UInt64
  private(set) var old: Data
  private(set) var new: Data

  init?(_ firstSize: UInt64, _ secondSize: UInt64, start: Data?) {
    guard let start else { return nil }
    (first, last) = (firstSize - 1, secondSize - 1)
    (old, new) = (start, start)
    while first & 1 == 1 { (first, last) = (first >> 1, last >> 1) }
  }

  mutating func take(_ other: Data) -> Bool {
    guard last > 0 else { return false }
    if first & 1 == 1 || first == last {
      (old, new) = (MerkleHash.inner(other, old), MerkleHash.inner(other, new))
      while first & 1 == 0, first > 0 { (first, last) = (first >> 1, last >> 1) }
    } else {
      new = MerkleHash.inner(new, other)
    }
    (first, last) = (first >> 1, last >> 1)
    return true
  }
}
