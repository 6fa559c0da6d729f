// SPDX-License-Identifier: Apache-2.0
import Replication

/// The bytes of a changeset that is not sealed yet, as the database stores them; never sent.
///
/// Layout: format byte 1; reason; the context: number of authors, and per author by rising replica
/// its 16 bytes and last sequence; then until the end, per row: the patient's 16 bytes, event,
/// reader, number of writes, and per write the field and the value. Numbers are LEB128 varints,
/// texts a length and UTF-8, values the canonical bytes of `CanonicalValue`.
enum PackedChangeset {
  private static let format: UInt8 = 1

  /// Packs a changeset.
  static func encode(_ changeset: Changeset) -> [UInt8] {
    var bytes: [UInt8] = [format]
    bytes.reserveCapacity(128 + 32 * changeset.writes.count)
    VarInt.append(changeset.reason, to: &bytes)
    let entries = changeset.context.entries.sorted { $0.key < $1.key }
    VarInt.append(UInt64(entries.count), to: &bytes)
    for (replica, last) in entries {
      replica.append(to: &bytes)
      VarInt.append(last, to: &bytes)
    }
    var rest = changeset.writes[...]
    while let row = rest.first?.address.row {
      let end = rest.firstIndex { $0.address.row != row } ?? rest.endIndex
      row.patient.append(to: &bytes)
      VarInt.append(row.event, to: &bytes)
      VarInt.append(row.reader, to: &bytes)
      VarInt.append(UInt64(end - rest.startIndex), to: &bytes)
      for write in rest[..<end] {
        VarInt.append(write.address.field, to: &bytes)
        CanonicalValue.append(write.value, to: &bytes)
      }
      rest = rest[end...]
    }
    return bytes
  }

  /// Unpacks a changeset; nil when the bytes are broken.
  static func decode(_ bytes: [UInt8], dot: Dot, lamport: UInt64) -> Changeset? {
    var reader = ByteReader(bytes)
    guard reader.byte() == format, let reason = reader.text(), let context = context(&reader)
    else { return nil }
    var writes: [FieldWrite] = []
    while !reader.isAtEnd {
      guard let patient = reader.bytes(16).flatMap(PatientID.init(bytes:)),
        let event = reader.text(), let who = reader.text(),
        let count = reader.count(limit: 1 << 16)
      else { return nil }
      let row = RowAddress(patient: patient, event: event, reader: who)
      // Nearly always the only row: no more room than it needs, as thousands are sealed at a time.
      if writes.isEmpty { writes.reserveCapacity(count) }
      for _ in 0..<count {
        guard let field = reader.text(), let value = CanonicalValue.read(&reader) else {
          return nil
        }
        writes.append(FieldWrite(address: Address(row: row, field: field), value: value))
      }
    }
    return Changeset(dot: dot, lamport: lamport, reason: reason, context: context, writes: writes)
  }

  private static func context(_ reader: inout ByteReader) -> VersionVector? {
    guard let count = reader.count(limit: 1 << 16) else { return nil }
    var context = VersionVector()
    for _ in 0..<count {
      guard let replica = reader.bytes(16).flatMap(ReplicaID.init(bytes:)),
        let last = reader.varint()
      else { return nil }
      context.advance(replica, to: last)
    }
    return context
  }
}
