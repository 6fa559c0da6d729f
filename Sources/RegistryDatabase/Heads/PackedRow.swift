// SPDX-License-Identifier: Apache-2.0
import Foundation
import Replication

/// The bytes of one row's heads, as the database stores them.
///
/// Layout: format byte 1; number of replicas and their 16 bytes each; number of fields; per field,
/// by rising name: name, number of heads; per head, by rising dot: replica's index, sequence,
/// Lamport counter, value. Numbers are LEB128 varints, names a length and UTF-8, values the
/// canonical bytes of `CanonicalValue`.
enum PackedRow {
  private static let format: UInt8 = 1

  /// One field and its heads.
  typealias Cell = (field: String, register: Register)

  /// Packs a row.
  static func encode(_ row: RowHeads) -> [UInt8] {
    encode(row.map { (field: $0.key, register: $0.value) }.sorted { $0.field < $1.field })
  }

  /// Packs cells that rise by field.
  static func encode(_ cells: [Cell]) -> [UInt8] {
    var replicas: [ReplicaID] = []
    for cell in cells {
      for head in cell.register.heads where !replicas.contains(head.dot.replica) {
        replicas.append(head.dot.replica)
      }
    }
    replicas.sort()
    var bytes: [UInt8] = [format]
    bytes.reserveCapacity(32 * (cells.count + 1))
    VarInt.append(UInt64(replicas.count), to: &bytes)
    for replica in replicas { replica.append(to: &bytes) }
    VarInt.append(UInt64(cells.count), to: &bytes)
    for (field, register) in cells {
      VarInt.append(UInt64(field.utf8.count), to: &bytes)
      bytes.append(contentsOf: field.utf8)
      VarInt.append(UInt64(register.heads.count), to: &bytes)
      for head in register.heads {
        VarInt.append(UInt64(replicas.firstIndex(of: head.dot.replica) ?? 0), to: &bytes)
        VarInt.append(head.dot.sequence, to: &bytes)
        VarInt.append(head.lamport, to: &bytes)
        CanonicalValue.append(head.value, to: &bytes)
      }
    }
    return bytes
  }

  /// Unpacks a row; nil when the bytes are broken.
  static func decode(_ bytes: [UInt8]) -> RowHeads? {
    guard let cells = cells(bytes) else { return nil }
    return RowHeads(cells.map { ($0.field, $0.register) }) { _, last in last }
  }

  /// Unpacks a row's cells, which rise by field.
  static func cells(_ bytes: [UInt8]) -> [Cell]? {
    var reader = ByteReader(bytes)
    guard reader.byte() == format, let replicaCount = reader.count(limit: 1 << 16) else {
      return nil
    }
    var replicas: [ReplicaID] = []
    for _ in 0..<replicaCount {
      guard let bytes = reader.bytes(16), let replica = ReplicaID(bytes: bytes) else { return nil }
      replicas.append(replica)
    }
    guard let fieldCount = reader.count(limit: 1 << 16) else { return nil }
    var row: [Cell] = []
    row.reserveCapacity(fieldCount)
    for _ in 0..<fieldCount {
      guard let length = reader.count(limit: 1 << 16), let name = reader.bytes(length),
        let headCount = reader.count(limit: 1 << 20)
      else { return nil }
      var heads: [Head] = []
      for _ in 0..<headCount {
        guard let index = reader.count(limit: replicas.count - 1), let sequence = reader.varint(),
          let lamport = reader.varint(), let value = CanonicalValue.read(&reader)
        else { return nil }
        let dot = Dot(replica: replicas[index], sequence: sequence)
        heads.append(Head(dot: dot, lamport: lamport, value: value))
      }
      row.append((String(decoding: name, as: UTF8.self), Register(heads: heads)))
    }
    return reader.isAtEnd ? row : nil
  }
}
