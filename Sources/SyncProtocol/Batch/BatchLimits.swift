// SPDX-License-Identifier: Apache-2.0

/// The bounds of a batch; everything beyond them is a form error.
package enum BatchLimits {
  /// Bytes of the columns before compression.
  package static let columnsBytes = 256 * 1024
  /// Bytes of a sealed batch: incompressible columns, the context and the header.
  package static let sealedBytes = 384 * 1024
  /// Bytes of a redacted batch: a sealed one, the patients it introduced, and those taken out.
  package static let redactedBytes = 4 * 1024 * 1024
  /// Entries of a vector or context.
  package static let seenEntries = 1024
  /// Changesets in a batch.
  package static let changesets = 16_384
  /// Writes in a batch.
  package static let writes = 65_536
  /// Bytes of a name.
  package static let nameBytes = 64
  /// Bytes of a key's name.
  package static let keyIDBytes = 128
  /// The greatest sequence and Lamport counter.
  package static let greatestNumber = UInt64(Int64.max)

  /// Says whether a text is 1 to `limit` bytes of printable ASCII.
  package static func isName(_ text: String, limit: Int = nameBytes) -> Bool {
    let bytes = text.utf8
    return !bytes.isEmpty && bytes.count <= limit && bytes.allSatisfy { (0x20...0x7e).contains($0) }
  }
}
