// SPDX-License-Identifier: Apache-2.0
import Crypto
import Foundation
import Replication
import SyncProtocol
import TestSupport

@testable import Deidentification

/// Changesets and keys for tests of batches.
enum BatchFixtures {
  static let author = ReplicaID(high: 0xA0, low: 1)
  static let other = ReplicaID(high: 0xB0, low: 2)

  static func identity() throws -> SigningIdentity {
    SigningIdentity(
      keyID: "device-1",
      privateKey: try Curve25519.Signing.PrivateKey(
        rawRepresentation: Data(repeating: 7, count: 32)
      )
    )
  }

  static let foreign = [
    ContextEntry(replica: other, last: 4, chainPrefix: [1, 2, 3, 4, 5, 6, 7, 8])
  ]

  static func link(_ byte: UInt8) -> BatchHash {
    BatchHash(bytes: [UInt8](repeating: byte, count: 32)) ?? .none
  }

  /// One changeset with the context that its place demands.
  static func changeset(
    _ sequence: UInt64,
    lamport: UInt64? = nil,
    reason: String = "entry",
    foreign: [ContextEntry] = [],
    writes: [FieldWrite] = [write(.integer(1))]
  ) -> Changeset {
    var context = VersionVector(
      Dictionary(uniqueKeysWithValues: foreign.map { ($0.replica, $0.last) })
    )
    context.advance(author, to: sequence - 1)
    return Changeset(
      dot: Dot(replica: author, sequence: sequence),
      lamport: lamport ?? 10 + sequence,
      reason: reason,
      context: context,
      writes: writes
    )
  }

  static func write(
    _ value: Value,
    patient: UInt64 = 1,
    event: String = "week8",
    field: String = "adc_mean"
  ) -> FieldWrite {
    FieldWrite(
      address: Address(
        patient: PatientID(high: patient, low: 9),
        event: event,
        reader: "consensus",
        field: field
      ),
      value: value
    )
  }

  static func seal(
    _ changesets: [Changeset],
    foreign: [ContextEntry] = [],
    previous: BatchHash? = nil,
    directory: PatientDirectory = PatientDirectory()
  ) throws -> [SealedBatch] {
    try BatchSealer.seal(
      changesets.map(DeidentifiedChangeset.init(changeset:)),
      site: "CD",
      foreignContext: foreign,
      previous: previous ?? (changesets.first?.dot.sequence == 1 ? .none : link(3)),
      dictionaryVersion: "1",
      directory: directory,
      identity: identity()
    )
  }

  /// Random changesets with every kind of value.
  static func random(seed: UInt64, changesets count: Int, firstSequence: UInt64) -> [Changeset] {
    var generator = SeededGenerator(seed: seed)
    return (0..<count).map { index in
      let writes = (0..<Int.random(in: 1...12, using: &generator)).map { _ in
        write(
          value(using: &generator),
          patient: UInt64.random(in: 0..<5, using: &generator),
          event: ["", "baseline", "month6", "week8"].randomElement(using: &generator) ?? "",
          field: "field_\(Int.random(in: 0..<9, using: &generator))"
        )
      }
      return changeset(
        firstSequence + UInt64(index),
        lamport: 100 + 3 * UInt64(index),
        foreign: foreign,
        writes: writes
      )
    }
  }

  private static func value(using generator: inout SeededGenerator) -> Value {
    switch Int.random(in: 0..<12, using: &generator) {
    case 0: return .integer(Int64(bitPattern: generator.next()))
    case 1: return .integer(Int64.random(in: -5..<200, using: &generator))
    case 2:
      let bits = Double(bitPattern: generator.next())
      return .decimal(bits.isFinite ? bits : 0)
    case 3: return .decimal((Double.random(in: 0..<3, using: &generator) * 1000).rounded() / 1000)
    case 4: return .decimal(-0.0)
    case 5: return .code(["PR", "SD", "PD", "HBV"].randomElement(using: &generator) ?? "CR")
    case 6: return .boolean(Bool.random(using: &generator))
    case 7: return .day(Int32.random(in: .min ... .max, using: &generator))
    case 8: return .patient(PatientID(high: UInt64.random(in: 0..<9, using: &generator), low: 9))
    case 9: return .missing(MissingReason.allCases.randomElement(using: &generator) ?? .notDone)
    case 10: return .retracted
    default: return .decimal(Double.random(in: -1e9..<1e9, using: &generator))
    }
  }
}
