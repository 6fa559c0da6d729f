// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import SyncProtocol

@Suite struct MerkleTreeTests {
  private let leaves = (0..<70).map { MerkleHash.leaf(Data("entry \($0)".utf8)) }

  @Test func `roots are those of the vectors`() throws {
    let vectors = try AuditLogVectors.read().rfc6962_merkle
    let memory = MemoryTree(leaves: vectors.leaves)
    #expect(memory.tree(0).root() == VectorFile.hexadecimal(vectors.empty_root))
    for size in 1...UInt64(vectors.leaves.count) {
      #expect(memory.tree(size).root() == vectors.root(size))
    }
  }

  @Test func `inclusion proofs are those of the vectors`() throws {
    let vectors = try AuditLogVectors.read().rfc6962_merkle
    let memory = MemoryTree(leaves: vectors.leaves)
    for inclusion in vectors.inclusion {
      let proof = inclusion.path.map(VectorFile.hexadecimal)
      #expect(memory.tree(inclusion.tree_size).inclusionProof(of: inclusion.leaf_index) == proof)
      #expect(
        MerkleHash.isIncluded(
          leaf: vectors.leaves[Int(inclusion.leaf_index)],
          index: inclusion.leaf_index,
          size: inclusion.tree_size,
          proof: proof,
          root: vectors.root(inclusion.tree_size)
        )
      )
    }
  }

  @Test func `consistency proofs are those of the vectors`() throws {
    let vectors = try AuditLogVectors.read().rfc6962_merkle
    let memory = MemoryTree(leaves: vectors.leaves)
    for consistency in vectors.consistency {
      let proof = consistency.proof.map(VectorFile.hexadecimal)
      #expect(
        memory.tree(consistency.second).consistencyProof(from: consistency.first) == proof
      )
      #expect(
        MerkleHash.isConsistent(
          from: (consistency.first, vectors.root(consistency.first)),
          to: (consistency.second, vectors.root(consistency.second)),
          proof: proof
        )
      )
    }
  }

  @Test func `every leaf is proved in every tree, and in no other place`() {
    let memory = MemoryTree(leaves: leaves)
    for size in 1...UInt64(33) {
      let root = memory.tree(size).root()
      for index in 0..<size {
        let proof = memory.tree(size).inclusionProof(of: index)
        func holds(_ leaf: Data, _ index: UInt64, _ proof: [Data]) -> Bool {
          MerkleHash.isIncluded(leaf: leaf, index: index, size: size, proof: proof, root: root)
        }
        #expect(holds(leaves[Int(index)], index, proof))
        #expect(!holds(leaves[Int(index) + 1], index, proof))
        #expect(!holds(leaves[Int(index)], (index + 1) % (size + 1), proof) || size == 0)
        #expect(!holds(leaves[Int(index)], index, proof + [root]))
        #expect(proof.isEmpty || !holds(leaves[Int(index)], index, proof.dropLast()))
      }
    }
  }

  @Test func `every tree continues every smaller one, and none with a changed entry`() {
    let memory = MemoryTree(leaves: leaves)
    var changed = memory
    changed.leaves[0] = MerkleHash.leaf(Data("another".utf8))
    for second in 1...UInt64(33) {
      for first in 1...second {
        let proof = memory.tree(second).consistencyProof(from: first)
        func holds(_ old: MemoryTree, _ new: MemoryTree, _ proof: [Data]) -> Bool {
          MerkleHash.isConsistent(
            from: (first, old.tree(first).root()),
            to: (second, new.tree(second).root()),
            proof: proof
          )
        }
        #expect(holds(memory, memory, proof))
        #expect(!holds(changed, memory, proof))
        #expect(!holds(memory, changed, changed.tree(second).consistencyProof(from: first)))
        #expect(proof.isEmpty || !holds(memory, memory, proof.dropLast()))
        #expect(!holds(memory, memory, proof + [leaves[0]]))
      }
    }
  }

  @Test func `nodes kept while appending give the same roots and proofs`() {
    let memory = MemoryTree(leaves: leaves)
    var nodes: [String: Data] = [:]
    for (index, leaf) in leaves.enumerated() {
      let tree = MerkleTree<Never>(size: UInt64(index)) { nodes["\($0) \($1)"] ?? Data() }
      for node in tree.appending(leaf) { nodes["\(node.level) \(node.position)"] = node.hash }
      let grown = MerkleTree<Never>(size: UInt64(index) + 1) { nodes["\($0) \($1)"] ?? Data() }
      #expect(grown.root() == MemoryTree.root(leaves.prefix(index + 1)))
      let first = UInt64(index) / 3 + 1
      #expect(
        grown.consistencyProof(from: first)
          == memory.tree(UInt64(index) + 1).consistencyProof(from: first)
      )
    }
  }
}
