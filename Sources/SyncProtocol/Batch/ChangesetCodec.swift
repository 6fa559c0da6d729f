// SPDX-License-Identifier: Apache-2.0
public import Foundation
public import Replication

/// The bytes of one changeset that is not sealed yet, for the `pending` table; never sent.
public enum ChangesetCodec {
  /// Writes a changeset.
  ///
  /// - Throws: `SyncProtocolError.unwritable` when it could never be sealed.
  public static func encode(_ changeset: Changeset) throws(SyncProtocolError) -> Data {
    var message = WirePendingChangeset()
    message.wireVersion = StrictMessage.wireVersion
    message.replica = Data(changeset.dot.replica.bytes)
    message.sequence = changeset.dot.sequence
    message.context = WireSeen(vector: changeset.context)
    message.columns = try ColumnsEncoder.encode([changeset]).columns
    let bytes = StrictMessage.encode(message)
    guard bytes.count <= BatchLimits.columnsBytes, changeset.writes.count <= BatchLimits.writes
    else { throw .changesetTooLarge(changeset.dot) }
    return bytes
  }

  /// Reads a changeset back.
  ///
  /// - Throws: `SyncProtocolError.form` or `.unknownWireVersion`.
  public static func decode(_ bytes: Data) throws(SyncProtocolError) -> Changeset {
    let message = try StrictMessage.decode(
      WirePendingChangeset.self,
      from: bytes,
      limit: BatchLimits.columnsBytes
    )
    try StrictMessage.check(version: message.wireVersion)
    guard let replica = ReplicaID(bytes: message.replica) else { throw .form(.length) }
    guard message.sequence > 0, message.sequence < BatchLimits.greatestNumber else {
      throw .form(.sequence)
    }
    let entries = try message.context.entries()
    let context = VersionVector(entries)
    guard context[replica] == message.sequence - 1 else { throw .form(.context) }
    let decoded = try ColumnsDecoder.decode(
      message.columns,
      replica: replica,
      firstSequence: message.sequence,
      foreignContext: entries.filter { $0.replica != replica }
    )
    guard decoded.changesets.count == 1, decoded.references.isEmpty else { throw .form(.counts) }
    return decoded.changesets[0]
  }
}
