// SPDX-License-Identifier: Apache-2.0

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

  /// Checks the whole audit log: numbers without gaps, each entry chained to the one before.
  ///
  /// - Returns: The last entry; nil when there is none.
  /// - Throws: `CenterError.auditBroken` at the first entry that does not fit.
  public func verifyAudit() throws(CenterError) -> AuditEntry? {
    try store.read { store in
      var last: AuditEntry?
      while true {
        let next = (last?.sequence ?? 0) + 1
        let page = try store.auditEntries(from: next, limit: Self.auditPage)
        for entry in page {
          guard entry.sequence == (last?.sequence ?? 0) + 1, entry.isIntact,
            last.map({ $0.hash == entry.previous }) ?? entry.previous.allSatisfy({ $0 == 0 })
          else { throw CenterError.auditBroken(sequence: entry.sequence) }
          last = entry
        }
        if page.count < Self.auditPage { return last }
      }
    }
  }
}
