// SPDX-License-Identifier: Apache-2.0

/// The key of a row of `log_pending`: an author's row in `log_replica`, and a sequence.
enum PendingKey {
  /// The greatest sequence that a key has room for.
  static let greatestSequence: UInt64 = 0xFF_FFFF_FFFF

  /// The SQL condition that a row of `log_pending` is of the author in a row of `log_replica`.
  static let isOfAuthor = """
    log_pending.id BETWEEN log_replica.id << 40 AND log_replica.id << 40 | 0xFFFFFFFFFF
    """
  /// The SQL of the sequence.
  static let sequence = "log_pending.id & 0xFFFFFFFFFF"

  /// The key of an author's sequence.
  static func key(author: Int64, sequence: UInt64) -> Int64 {
    author << 40 | Int64(clamping: min(sequence, greatestSequence))
  }
}
