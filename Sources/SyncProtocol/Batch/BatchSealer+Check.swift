// SPDX-License-Identifier: Apache-2.0
public import Replication

extension BatchSealer {
  /// With so many writes even the longest names fit a batch.
  private static let surelyFittingWrites = 256

  /// Checks at a save that the changeset can be sealed later, without encoding it.
  ///
  /// What passes is what `ChangesetCodec.encode` takes: one saved change that no batch can hold
  /// would stop every sync for good.
  ///
  /// - Throws: `SyncProtocolError.unwritable` or `.changesetTooLarge`.
  public static func checkSealable(_ changeset: Changeset) throws(SyncProtocolError) {
    guard !changeset.writes.isEmpty else { throw .unwritable(changeset.dot, .counts) }
    guard changeset.lamport > 0, changeset.lamport <= BatchLimits.greatestNumber else {
      throw .unwritable(changeset.dot, .lamport)
    }
    guard BatchLimits.isName(changeset.reason) else { throw .unwritable(changeset.dot, .name) }
    for write in changeset.writes {
      if let fault = fault(write) { throw .unwritable(changeset.dot, fault) }
    }
    if changeset.writes.count > surelyFittingWrites { _ = try ChangesetCodec.encode(changeset) }
  }

  private static func fault(_ write: FieldWrite) -> FormFault? {
    let row = write.address.row
    guard BatchLimits.isName(write.address.field),
      row.event.isEmpty || BatchLimits.isName(row.event),
      row.reader.isEmpty || BatchLimits.isName(row.reader)
    else { return .name }
    if row.patient.standInIndex != nil { return .index }
    switch write.value {
    case .code(let code): return BatchLimits.isName(code) ? nil : .name
    case .decimal(let number): return number.isFinite ? nil : .number
    case .patient(let link): return link.standInIndex == nil ? nil : .index
    case .integer, .boolean, .day, .missing, .retracted, .erased: return nil
    }
  }
}
