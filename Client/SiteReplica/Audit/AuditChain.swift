// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Goes along the audit trail and finds the first entry that does not fit.
struct AuditChain {
  private var hash = [UInt8](repeating: 0, count: 32)
  private var expected: Int64 = 0
  /// Entries without details, by the number of the entry that must say so.
  private var erased: [Int64: [AuditEntry]] = [:]

  /// Takes the next entry.
  ///
  /// - Returns: The number of an entry that does not fit; nil when all do so far.
  mutating func take(_ entry: AuditEntry) -> Int64? {
    expected += 1
    guard entry.number == expected else { return expected }
    if let erasure = entry.erasedBy {
      guard erasure > entry.number, entry.details.isEmpty, entry.hash.count == 32 else {
        return expected
      }
      erased[erasure, default: []].append(entry)
      hash = Array(entry.hash)
      return nil
    }
    hash = AuditTrail.link(after: hash, to: entry)
    guard Array(entry.hash) == hash else { return expected }
    if let emptied = erased.removeValue(forKey: entry.number) {
      let said = try? JSONDecoder().decode(AuditErasure.self, from: Data(entry.details.utf8))
      guard entry.action == AuditAction.erased.rawValue, said?.entries == emptied.map(\.number),
        said?.rest == AuditTrail.rest(of: emptied)
      else { return emptied.first?.number }
    }
    return nil
  }

  /// The first entry that lost its details and no other says so; nil when there is none.
  var firstUnexplained: Int64? { erased.values.flatMap(\.self).map(\.number).min() }
}
