// SPDX-License-Identifier: Apache-2.0

public import SyncProtocol

extension Center {
  /// Audit entries read at once while verifying.
  private static let auditPage = 1_000

  /// Audit entries from a number on, up to a count.
  public func auditEntries(
    from sequence: Int,
    limit: Int
  ) throws(CenterError) -> [AuditEntry] {
    try store.read { try $0.auditEntries(from: sequence, limit: limit) }
  }

  /// Where the audit log stands, by its stored hash tree.
  public func auditCheckpoint() throws(CenterError) -> AuditCheckpoint {
    try store.read { try $0.auditTree().checkpoint() }
  }

  /// Checks the whole audit log: numbers without gaps, and the hash tree made anew from every entry.
  ///
  /// - Returns: Where the log stands.
  /// - Throws: `CenterError.auditBroken` at the first entry that does not fit.
  public func verifyAudit() throws(CenterError) -> AuditCheckpoint {
    try store.read { store in
      var checked: UInt64 = 0
      while true {
        let page = try store.auditEntries(from: Int(checked) + 1, limit: Self.auditPage)
        for entry in page {
          let tree = MerkleTree(size: checked, node: store.auditNode)
          guard entry.sequence == Int(checked) + 1,
            try tree.appending(entry.leaf).allSatisfy({
              try store.auditNode(level: $0.level, position: $0.position) == $0.hash
            })
          else { throw CenterError.auditBroken(sequence: entry.sequence) }
          checked += 1
        }
        if page.count < Self.auditPage { return try store.auditTree().checkpoint() }
      }
    }
  }

  /// Says whether the audit log continues the one that a checkpoint was taken of.
  ///
  /// - Throws: `CenterError.auditForked` when it does not.
  public func verifyAudit(continues seen: AuditCheckpoint) throws(CenterError) {
    try store.read { store in
      let tree = try store.auditTree()
      guard seen.size <= tree.size,
        try MerkleTree(size: seen.size, node: store.auditNode).root() == seen.root
      else { throw CenterError.auditForked(size: seen.size) }
    }
  }

  /// What a site is told of the audit log, which it witnesses; empty when nothing is new to it.
  ///
  /// - Parameters:
  ///   - size: The size that the site saw last, 0 for none.
  ///   - identity: The centre's key.
  ///   - store: The transaction.
  /// - Returns: The proof; nil when nothing is new.
  /// - Throws: What the store throws.
  static func auditProof(
    since size: UInt64,
    signedBy identity: SigningIdentity,
    in store: any CenterReading
  ) throws -> AuditProof? {
    let tree = try store.auditTree()
    guard tree.size != size else { return nil }
    let isProvable = (1...tree.size).contains(size)
    return AuditProof(
      oldSize: isProvable ? size : 0,
      proof: isProvable ? try tree.consistencyProof(from: size) : [],
      note: try tree.checkpoint().note(signedBy: identity.privateKey)
    )
  }
}

extension CenterReading {
  /// The hash tree over the audit entries.
  func auditTree() throws -> MerkleTree<any Error> {
    MerkleTree(size: try auditSize(), node: auditNode)
  }
}

extension MerkleTree {
  fileprivate func checkpoint() throws(Failure) -> AuditCheckpoint {
    AuditCheckpoint(size: size, root: try root())
  }
}
