// SPDX-License-Identifier: Apache-2.0

extension Center {
  /// Notes in the audit log that rows or tables of a cut leave the centre.
  ///
  /// - Parameters:
  ///   - cut: The cut.
  ///   - details: Form, hash of the files, recipient and reason.
  ///   - now: Seconds since 1970.
  /// - Throws: What the store throws.
  public func noteExport(
    of cut: String,
    details: [String: String],
    now: Int
  ) throws(CenterError) {
    try store.write { store in
      try store.record(AuditEvent("cut_exported", subject: cut, details: details), now: now)
    }
  }

  /// The tables that have left the centre, oldest first.
  public func publications() throws(CenterError) -> [TablePublication] {
    try store.read { try $0.publications() }
  }

  /// Keeps tables that leave the centre, to hold later ones against.
  public func keep(_ publication: TablePublication) throws(CenterError) {
    try store.write { try $0.insert(publication) }
  }
}
