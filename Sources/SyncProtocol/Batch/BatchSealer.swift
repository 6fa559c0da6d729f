// SPDX-License-Identifier: Apache-2.0
import Crypto
public import Deidentification
public import Foundation
public import Replication

/// A batch that was sealed here: the bytes that are logged and sent, and what they mean.
public struct SealedBatch: Hashable, Sendable {
  /// The bytes, never to be encoded again.
  public let bytes: Data
  /// Their meaning.
  public let batch: Batch
}

/// Seals a replica's own changesets into signed batches.
///
/// Only a `DeidentifiedChangeset` can be sealed, and only `Deidentification` makes one.
public enum BatchSealer {
  /// What an Ed25519 signature of a batch covers before its body.
  static let signatureLabel = Data("lobule-batch-1\n".utf8)

  /// How many writes are tried in one batch: applying it then takes some 10 MB of memory.
  public static let firstGuessWrites = 34_000

  /// Seals changesets into as few batches as the limits allow, chained in order.
  ///
  /// - Parameters:
  ///   - changesets: Consecutive changesets of one replica, by rising sequence.
  ///   - site: The scope.
  ///   - foreignContext: What the author had of others, with chain prefixes; the context of every
  ///     changeset is this and the author's own earlier sequences.
  ///   - previous: The hash of the author's batch before these; `.none` when there is none.
  ///   - dictionaryVersion: The version of the data dictionary in use.
  ///   - directory: The patients that the context has introduced; they are named by number.
  ///   - identity: The author's key; a replica's first batch carries its public half.
  /// - Returns: The sealed batches in the order of the chain.
  /// - Throws: `SyncProtocolError`, and nothing is sealed then.
  public static func seal(
    _ changesets: [DeidentifiedChangeset],
    site: String,
    foreignContext: [ContextEntry],
    previous: BatchHash,
    dictionaryVersion: String,
    directory: PatientDirectory = PatientDirectory(),
    identity: SigningIdentity
  ) throws(SyncProtocolError) -> [SealedBatch] {
    let all = changesets.map(\.changeset)
    try check(all, foreignContext: foreignContext)
    guard BatchLimits.isName(site), BatchLimits.isName(dictionaryVersion),
      BatchLimits.isName(identity.keyID, limit: BatchLimits.keyIDBytes)
    else { throw .form(.name) }
    let compressor = try ZstdCompressor()
    var result: [SealedBatch] = []
    var link = previous
    for part in try split(all, foreignContext: foreignContext, directory: directory) {
      let frame = try compressor.compress(part.bytes, cuts: part.cuts)
      var body = WireBatchBody()
      body.site = site
      body.foreignContext = WireSeen(foreignContext)
      body.dictionaryVersion = dictionaryVersion
      body.columns = frame
      let sealed = try sign(body, of: part, previous: link, identity: identity)
      result.append(sealed)
      link = sealed.batch.hash
    }
    return result
  }

  private static func check(
    _ changesets: [Changeset],
    foreignContext: [ContextEntry]
  ) throws(SyncProtocolError) {
    guard let first = changesets.first else { throw .nothingToSeal }
    let author = first.dot.replica
    let foreign = VersionVector(foreignContext)
    guard foreignContext.count <= BatchLimits.seenEntries, foreign[author] == 0,
      foreign.entries.count == foreignContext.count,
      foreignContext.allSatisfy({ $0.chainPrefix.count == 8 && $0.last > 0 })
    else { throw .form(.context) }
    guard first.dot.sequence > 0,
      first.dot.sequence < BatchLimits.greatestNumber - UInt64(changesets.count)
    else { throw .form(.sequence) }
    for (offset, changeset) in changesets.enumerated() {
      let expected = Dot(replica: author, sequence: first.dot.sequence + UInt64(offset))
      guard changeset.dot == expected else { throw .sequenceGap(expected: expected) }
      var context = foreign
      context.advance(author, to: expected.sequence - 1)
      guard changeset.context == context else { throw .contextDiffers(changeset.dot) }
    }
  }

  /// Changesets that fit one batch, and their columns.
  private struct Part {
    let changesets: ArraySlice<Changeset>
    let introduced: [PatientID]
    let bytes: Data
    /// Where the compressor starts anew.
    let cuts: [Int]
  }

  /// Cuts changesets into parts whose columns fit, halving a part that does not.
  private static func split(
    _ changesets: [Changeset],
    foreignContext: [ContextEntry],
    directory: PatientDirectory
  ) throws(SyncProtocolError) -> [Part] {
    var directory = directory
    var result: [Part] = []
    var waiting = guesses(changesets)
    while let slice = waiting.popLast() {
      let (columns, introduced) = try ColumnsEncoder.encode(
        slice,
        foreignContext: foreignContext,
        directory: directory
      )
      let bytes = StrictMessage.encode(columns)
      let writes = slice.reduce(0) { $0 + $1.writes.count }
      let first = slice[slice.startIndex].dot
      if bytes.count <= BatchLimits.columnsBytes, writes <= BatchLimits.writes,
        slice.count <= BatchLimits.changesets
      {
        directory.append(introduced, by: first.replica)
        result.append(
          Part(changesets: slice, introduced: introduced, bytes: bytes, cuts: columns.cuts(bytes))
        )
        continue
      }
      guard slice.count > 1 else { throw .changesetTooLarge(first) }
      let middle = slice.startIndex + slice.count / 2
      waiting.append(slice[middle...])
      waiting.append(slice[..<middle])
    }
    return result
  }

  /// First cuts by number of writes, last run first.
  private static func guesses(_ changesets: [Changeset]) -> [ArraySlice<Changeset>] {
    var result: [ArraySlice<Changeset>] = []
    var start = 0
    var writes = 0
    for (index, changeset) in changesets.enumerated() {
      let isFull =
        writes + changeset.writes.count > firstGuessWrites
        || index - start == BatchLimits.changesets
      if isFull, index > start {
        result.append(changesets[start..<index])
        start = index
        writes = 0
      }
      writes += changeset.writes.count
    }
    result.append(changesets[start...])
    return result.reversed()
  }

  private static func sign(
    _ unfinished: WireBatchBody,
    of part: Part,
    previous: BatchHash,
    identity: SigningIdentity
  ) throws(SyncProtocolError) -> SealedBatch {
    let first = part.changesets[part.changesets.startIndex].dot
    guard (first.sequence == 1) == (previous == .none) else { throw .form(.chain) }
    var body = unfinished
    body.replica = Data(first.replica.bytes)
    body.keyID = identity.keyID
    body.firstSequence = first.sequence
    body.previous = Data(previous.bytes)
    if first.sequence == 1 { body.publicKey = identity.privateKey.publicKey.rawRepresentation }
    var message = WireSealedBatch()
    message.wireVersion = StrictMessage.wireVersion
    message.body = StrictMessage.encode(body)
    do {
      message.signature = try identity.privateKey.signature(for: signatureLabel + message.body)
    } catch {
      throw .signingFailed(keyID: identity.keyID)
    }
    let bytes = StrictMessage.encode(message)
    guard bytes.count <= BatchLimits.sealedBytes else { throw .changesetTooLarge(first) }
    guard let hash = BatchHash(bytes: SHA256.hash(data: bytes).map { $0 }) else {
      throw .form(.length)
    }
    let batch = Batch(
      site: body.site,
      replica: first.replica,
      keyID: identity.keyID,
      firstSequence: first.sequence,
      previous: previous,
      hash: hash,
      dictionaryVersion: body.dictionaryVersion,
      foreignContext: try body.foreignContext.entries(),
      changesets: Array(part.changesets),
      introduced: part.introduced
    )
    return SealedBatch(bytes: bytes, batch: batch)
  }
}
