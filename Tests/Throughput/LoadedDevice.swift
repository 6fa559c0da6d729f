// SPDX-License-Identifier: Apache-2.0

import Crypto
import CurlTransport
import Deidentification
import Foundation
import Registry
import Replication
import SyncProtocol

/// A device with sealed batches that it has not sent yet.
struct LoadedDevice: Sendable {
  static let patientsPerBatch: UInt64 = 20

  let site: String
  let identity: SigningIdentity
  let batches: [Data]

  /// Seals batches of twenty patients' laboratory values each.
  ///
  /// - Parameters:
  ///   - site: The site's code.
  ///   - number: Another for each device: ids and values come from it.
  ///   - identity: The device's key under the name that the centre gave it.
  ///   - count: How many batches.
  ///   - study: The study of the values.
  /// - Throws: What sealing throws.
  init(
    site: String,
    number: UInt64,
    identity: SigningIdentity,
    count: Int,
    study: Study
  ) throws {
    self.site = site
    self.identity = identity
    let deidentifier = Deidentifier(study: study)
    let replica = ReplicaID(high: 7, low: number + 1)
    var sequence: UInt64 = 0
    var previous = BatchHash.none
    var sealed: [Data] = []
    for _ in 0..<count {
      let changesets = try (0..<Self.patientsPerBatch).map { _ in
        var context = VersionVector()
        context.advance(replica, to: sequence)
        sequence += 1
        return try deidentifier.changeset(
          dot: Dot(replica: replica, sequence: sequence),
          lamport: sequence,
          reason: "entry",
          context: context,
          patient: PatientID(high: number + 1, low: sequence &* 0x9E37_79B9_7F4A_7C15),
          writes: try Self.writes(sequence, deidentifier)
        )
      }
      let made = try BatchSealer.seal(
        changesets,
        site: site,
        foreignContext: [],
        previous: previous,
        dictionaryVersion: study.dictionary.version,
        identity: identity
      )
      previous = made[made.count - 1].batch.hash
      sealed += made.map(\.bytes)
    }
    batches = sealed
  }

  private static func writes(
    _ sequence: UInt64,
    _ deidentifier: Deidentifier
  ) throws -> [DeidentifiedWrite] {
    let fields = ["bilirubin", "inr", "lymphocytes", "monocytes", "neutrophils", "platelets"]
    return try fields.enumerated().map { index, field in
      let tenths = 20 + (sequence &* 31 &+ UInt64(index) &* 17) % 20
      return try deidentifier.write(
        event: "baseline",
        reader: "",
        field: field,
        value: .decimal(Double(tenths) / 10)
      )
    }
  }

  /// Sends all batches, one a request.
  func send(
    over transport: CurlTransport,
    to authority: String,
    centerKey: Curve25519.Signing.PublicKey?
  ) async throws {
    var vector = VersionVector()
    for batch in batches {
      let request = SyncRequest(
        vector: vector,
        chainHeads: [],
        stateRoot: Data(count: 32),
        batches: [batch]
      )
      let body = try await exchange(request, over: transport, to: authority, centerKey: centerKey)
      let reply = try SyncReply(decoding: body)
      guard reply.acceptedBatches == 1 else { throw ThroughputFailure(text: "\(reply.refused)") }
      vector = reply.vector
    }
  }

  /// One request and its answer; signed and checked when the centre's key is given.
  private func exchange(
    _ message: SyncRequest,
    over transport: CurlTransport,
    to authority: String,
    centerKey: Curve25519.Signing.PublicKey?
  ) async throws -> Data {
    var request = HTTPRequestMessage(
      method: "POST",
      target: SyncRoutes.sync(site),
      fields: [HTTPField(name: "content-type", value: SyncRoutes.syncContentType)],
      body: message.encoded()
    )
    if centerKey == nil {
      request.fields.append(HTTPField(name: UnsignedGate.keyField, value: identity.keyID))
    } else {
      var generator = SystemRandomNumberGenerator()
      try RequestSigner.sign(
        &request,
        authority: authority,
        identity: identity,
        created: Int(time(nil)),
        nonce: RequestSigner.nonce(using: &generator)
      )
    }
    let response = try await transport.send(request)
    guard response.status == 200 else {
      throw ThroughputFailure(text: String(decoding: response.body, as: UTF8.self))
    }
    if let centerKey {
      try ResponseVerifier.verify(
        response.message,
        requestSignature: request.fields.onlyValue(named: "signature"),
        publicKey: centerKey
      )
    }
    return response.body
  }
}

/// Why a measurement ended.
struct ThroughputFailure: Error { let text: String }
