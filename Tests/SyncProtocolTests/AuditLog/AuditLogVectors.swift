// SPDX-License-Identifier: Apache-2.0

import Foundation

@testable import SyncProtocol

/// The vectors of notes, trees and checkpoints.
struct AuditLogVectors: Decodable {
  struct Note: Decodable {
    let vkey, body_utf8, signature_line: String
  }
  struct Inclusion: Decodable {
    let leaf_index, tree_size: UInt64
    let path: [String]
  }
  struct Consistency: Decodable {
    let first, second: UInt64
    let proof: [String]
  }
  struct Trees: Decodable {
    let empty_root: String
    let leaves_hex, roots_by_size: [String]
    let inclusion: [Inclusion]
    let consistency: [Consistency]

    var leaves: [Data] { leaves_hex.map { MerkleHash.leaf(VectorFile.hexadecimal($0)) } }
    func root(_ size: UInt64) -> Data { VectorFile.hexadecimal(roots_by_size[Int(size) - 1]) }
  }
  struct Example: Decodable {
    let seed_hex, vkey, note: String
  }
  let signed_note: Note
  let rfc6962_merkle: Trees
  let checkpoint_example: Example

  static func read() throws -> AuditLogVectors {
    try VectorFile.decode(AuditLogVectors.self, from: "audit_log.json")
  }
}

/// A tree over leaves in memory, its nodes computed each time: the slow and obvious one.
struct MemoryTree {
  var leaves: [Data]

  func tree(_ size: UInt64) -> MerkleTree<Never> {
    MerkleTree(size: size) { level, position in
      Self.root(leaves[Int(position << UInt64(level))..<Int((position + 1) << UInt64(level))])
    }
  }

  /// The definition of RFC 6962, by recursion over the leaves.
  static func root(_ leaves: ArraySlice<Data>) -> Data {
    guard let first = leaves.first else { return MerkleHash.empty }
    guard leaves.count > 1 else { return first }
    var half = 1
    while half * 2 < leaves.count { half *= 2 }
    return MerkleHash.inner(root(leaves.prefix(half)), root(leaves.dropFirst(half)))
  }
}
