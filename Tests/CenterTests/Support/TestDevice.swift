// SPDX-License-Identifier: Apache-2.0

import Crypto
import Deidentification
import Foundation
import Registry
import Replication
import SyncProtocol

/// A device that seals changes as a site does.
struct TestDevice {
  let site: String
  let study: Study
  var key = Curve25519.Signing.PrivateKey()
  let replica: ReplicaID
  var keyID = ""
  private var sequence: UInt64 = 0
  private var previous = BatchHash.none

  init(site: String, study: Study) {
    self.site = site
    self.study = study
    var generator = SystemRandomNumberGenerator()
    replica = ReplicaID.random(using: &generator)
  }

  /// Seals one batch that writes values of a patient's `patient` record.
  mutating func seal(
    patient: PatientID = PatientID(high: 1, low: 1),
    values: [String: Value] = ["sex": .code("male")],
    reason: String = "entry",
    site: String? = nil,
    seen: [TestDevice] = []
  ) throws -> Data {
    try seal(patients: [patient], values: values, reason: reason, site: site, seen: seen)
  }

  /// Seals one batch with one changeset a patient, after all that some other devices sealed.
  mutating func seal(
    patients: [PatientID],
    values: [String: Value],
    event: String = "",
    reader: String = "",
    reason: String = "entry",
    site: String? = nil,
    seen: [TestDevice] = []
  ) throws -> Data {
    let deidentifier = Deidentifier(study: study)
    var changesets: [DeidentifiedChangeset] = []
    for patient in patients {
      var context = VersionVector()
      context.advance(replica, to: sequence)
      for other in seen { context.advance(other.replica, to: other.sequence) }
      sequence += 1
      var writes: [DeidentifiedWrite] = []
      for (field, value) in values.sorted(by: { $0.key < $1.key }) {
        if case .patient(let other) = value {
          writes.append(deidentifier.link(to: other))
        } else {
          writes.append(
            try deidentifier.write(event: event, reader: reader, field: field, value: value)
          )
        }
      }
      changesets.append(
        try deidentifier.changeset(
          dot: Dot(replica: replica, sequence: sequence),
          lamport: sequence,
          reason: reason,
          context: context,
          patient: patient,
          writes: writes
        )
      )
    }
    let sealed = try BatchSealer.seal(
      changesets,
      site: site ?? self.site,
      foreignContext: seen.sorted { $0.replica < $1.replica }.map {
        ContextEntry(
          replica: $0.replica,
          last: $0.sequence,
          chainPrefix: $0.previous.prefix8
        )
      },
      previous: previous,
      dictionaryVersion: study.dictionary.version,
      identity: SigningIdentity(keyID: keyID, privateKey: key)
    )
    previous = sealed[sealed.count - 1].batch.hash
    return sealed[0].bytes
  }

  /// A request that carries batches and claims to have nothing else.
  func request(
    _ batches: [Data],
    vector: VersionVector = VersionVector(),
    auditSize: UInt64 = 0
  ) -> SyncRequest {
    SyncRequest(
      vector: vector,
      chainHeads: [],
      stateRoot: Data(repeating: 0, count: 32),
      batches: batches,
      auditSize: auditSize
    )
  }
}
