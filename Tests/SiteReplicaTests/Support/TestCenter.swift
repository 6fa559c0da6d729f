// SPDX-License-Identifier: Apache-2.0

import Crypto
import Foundation
import RegistryDatabase
import Replication
import RiskModel
import SyncProtocol
import TestSupport

/// A small centre in memory: one site's log behind the real messages, signatures and documents.
actor TestCenter: SyncTransport {
  let site: String
  let code: EnrollmentCode
  private let database: RegistryDatabase
  private let tables: ReplicaTables
  private let identity: SigningIdentity
  private let rootKeys: [Curve25519.Signing.PrivateKey]
  private let root: Envelope
  private var keys: [ReplicaID: Curve25519.Signing.PublicKey] = [:]
  private var model: Envelope?
  private var timestampVersion: UInt64 = 0
  private var auditLeaves: [Data] = []
  private(set) var requests = 0
  private(set) var received = Data()

  /// Seconds since 1970.
  var now = 1_790_000_000
  /// What happens to the next answers: each entry is used once.
  private var faults: [Fault] = []

  enum Fault: Sendable {
    case unreachable
    case interruptedAfterWork
    case refused(status: Int, code: String)
    case clockWindow
    case busy(seconds: Int)
    case unsigned(status: Int)
  }

  init(site: String, folder: String, generator: inout SeededGenerator) throws {
    self.site = site
    code = EnrollmentCode.random(using: &generator)
    database = try RegistryDatabase.open(
      path: "\(folder)/center.sqlite",
      migrations: ["replica"]
    )
    tables = ReplicaTables(
      scope: site,
      decoding: ReceivedBatch.batch(of:),
      redacting: BatchRedactor.redact(_:removing:)
    )
    identity = SigningIdentity(keyID: "center-1", privateKey: Curve25519.Signing.PrivateKey())
    rootKeys = (0..<3).map { _ in Curve25519.Signing.PrivateKey() }
    var envelope = try ModelChannelAuthor.root(
      version: 1,
      expires: 2_000_000_000,
      rootKeys: rootKeys.map(\.publicKey),
      modelKeys: rootKeys.map(\.publicKey),
      timestampKeys: [rootKeys[0].publicKey]
    )
    for key in rootKeys.prefix(2) { try envelope.sign(by: key) }
    root = envelope
  }

  func fail(with fault: Fault) { faults.append(fault) }

  /// Makes these the entries of the audit log, whatever it held before.
  func setAudit(_ entries: [String]) {
    auditLeaves = entries.map { MerkleHash.leaf(Data($0.utf8)) }
  }

  private func auditProof(since size: UInt64) throws -> Data {
    let leaves = auditLeaves
    let tree = MerkleTree<Never>(size: UInt64(leaves.count)) { level, position in
      var hashes = Array(leaves[Int(position << UInt64(level))...].prefix(1 << level))
      while hashes.count > 1 {
        hashes = stride(from: 0, to: hashes.count, by: 2).map {
          MerkleHash.inner(hashes[$0], hashes[$0 + 1])
        }
      }
      return hashes[0]
    }
    guard tree.size > 0, tree.size != size else { return Data() }
    let isProvable = size > 0 && size < tree.size
    return AuditProof(
      oldSize: isProvable ? size : 0,
      proof: isProvable ? tree.consistencyProof(from: size) : [],
      note: try AuditCheckpoint(size: tree.size, root: tree.root())
        .note(signedBy: identity.privateKey)
    ).encoded()
  }

  /// Releases a model signed by `signers` of the three model keys.
  func release(
    _ release: ModelRelease,
    signers: Int = 2,
    tampering: (Data) -> Data = { $0 }
  ) throws {
    var envelope = try ModelChannelAuthor.model(release: release.encoded())
    for key in rootKeys.prefix(signers) { try envelope.sign(by: key) }
    model = Envelope(
      payloadType: envelope.payloadType,
      payload: tampering(envelope.payload),
      signatures: envelope.signatures
    )
    timestampVersion += 1
  }

  /// Forgets everything after a moment that a test chose, as a restored centre does.
  func vector() throws -> VersionVector { try database.read { try tables.vector(in: $0) } }
  func stateRoot() throws -> [UInt8] { try database.read { try tables.stateRoot(in: $0) } }

  func send(_ request: HTTPRequestMessage) async throws(TransportError) -> TransportResponse {
    requests += 1
    received.append(request.body)
    let fault = faults.isEmpty ? nil : faults.removeFirst()
    if case .unreachable? = fault {
      throw .unreachable(host: "center.example", reason: "connection refused")
    }
    do {
      var response = try answer(request, fault)
      if case .interruptedAfterWork? = fault { throw TransportError.interrupted }
      if case .unsigned? = fault {
      } else {
        try ResponseSigner.sign(
          &response,
          requestSignature: request.fields.onlyValue(named: "signature"),
          identity: identity,
          created: now
        )
      }
      return TransportResponse(
        status: response.status,
        fields: response.fields,
        body: response.body,
        bytesSent: request.body.count,
        bytesReceived: response.body.count
      )
    } catch let error as TransportError {
      throw error
    } catch {
      throw .malformedURL("the test centre failed: \(error)")
    }
  }

  private func answer(
    _ request: HTTPRequestMessage,
    _ fault: Fault?
  ) throws -> HTTPResponseMessage {
    switch fault {
    case .refused(let status, let code)?: return try refusal(status, code)
    case .clockWindow?: return try refusal(401, "clock_window")
    case .busy(let seconds)?: return try refusal(429, "too_many_requests", retryAfter: seconds)
    case .unsigned(let status)?: return HTTPResponseMessage(status: status)
    default: break
    }
    switch request.target {
    case SyncRoutes.enroll: return try enroll(request.body)
    case SyncRoutes.sync(site): return try sync(request.body)
    case SyncRoutes.model(site): return try bundle()
    default: return try refusal(404, "not_found")
    }
  }

  private func refusal(
    _ status: Int,
    _ code: String,
    retryAfter: Int? = nil
  ) throws -> HTTPResponseMessage {
    HTTPResponseMessage(
      status: status,
      fields: [HTTPField(name: "content-type", value: "application/json")],
      body: try JSONEncoder().encode(
        ErrorBody(error: code, message: "The test said so.", retryAfter: retryAfter)
      )
    )
  }

  private func enroll(_ body: Data) throws -> HTTPResponseMessage {
    let request = try EnrollmentRequest(decoding: body)
    do {
      try Enrollment.verify(request, code: code)
    } catch {
      return try refusal(403, "enrollment_code")
    }
    let reply = Enrollment.reply(
      keyID: "device-\(requests)",
      centerKeyID: identity.keyID,
      centerPublicKey: identity.privateKey.publicKey.rawRepresentation,
      rootEnvelope: root.encoded(),
      centerName: "Test centre",
      authority: "center.example",
      to: request,
      code: code
    )
    return HTTPResponseMessage(status: 200, body: try reply.encoded())
  }

  private func bundle() throws -> HTTPResponseMessage {
    guard let documents = try modelDocuments(lifetime: 86_400) else {
      return try refusal(404, "no_model")
    }
    return HTTPResponseMessage(status: 200, body: documents)
  }

  /// The model channel with a timestamp that lives for so many seconds; nil without a release.
  private func modelDocuments(lifetime: Int) throws -> Data? {
    guard let model else { return nil }
    var timestamp = try ModelChannelAuthor.timestamp(
      version: timestampVersion,
      expires: now + lifetime,
      rootVersion: 1,
      models: [model]
    )
    try timestamp.sign(by: rootKeys[0])
    return try JSONEncoder().encode(
      ModelBundle(roots: [root], timestamp: timestamp, model: model)
    )
  }
}

extension TestCenter {
  private func sync(_ body: Data) throws -> HTTPResponseMessage {
    let request = try SyncRequest(decoding: body)
    var accepted = (batches: 0, changesets: 0)
    var refused: [BatchRefusal] = []
    let reply = try database.write { database in
      for bytes in request.batches {
        let received = try ReceivedBatch.decode(bytes)
        let batch = received.batch
        if !received.publicKey.isEmpty {
          keys[batch.replica] = try Curve25519.Signing.PublicKey(
            rawRepresentation: received.publicKey
          )
        }
        if batch.redaction == nil, let key = keys[batch.replica] {
          try received.verify(publicKey: key)
        }
        switch try tables.admit(batch, bytes: received.atRest, in: database) {
        case .applied(let changesets):
          accepted = (accepted.batches + 1, accepted.changesets + changesets)
        case .forked:
          refused.append(
            BatchRefusal(
              replica: batch.replica,
              firstSequence: batch.firstSequence,
              changesets: batch.changesets.count,
              reason: "fork"
            )
          )
        case .duplicate, .held, .unmarked: break
        }
      }
      let page = try tables.batches(
        after: request.vector,
        limitBytes: Int(request.replyLimitBytes),
        in: database
      )
      return SyncReply(
        vector: try tables.vector(in: database),
        chainHeads: try tables.chainHeads(in: database),
        stateRoot: Data(try tables.stateRoot(in: database)),
        batches: try page.batches.map {
          try BatchRedactor.vouch(for: $0.bytes, identity: identity)
        },
        hasMore: page.hasMore,
        acceptedBatches: accepted.batches,
        acceptedChangesets: accepted.changesets,
        refused: refused,
        modelVersion: try modelVersion(),
        auditCheckpoint: try auditProof(since: request.auditSize)
      )
    }
    return HTTPResponseMessage(status: 200, body: reply.encoded())
  }

  /// Takes in a bundle.
  func read(_ bytes: Data) throws {
    let bundle = try SyncBundle.read(bytes)
    try database.write { database in
      for case .whole(let bytes) in bundle.contents {
        let received = try ReceivedBatch.decode(bytes)
        _ = try tables.admit(received.batch, bytes: received.atRest, in: database)
      }
    }
  }

  /// A bundle with everything; its timestamp lives for so many seconds.
  func bundle(for site: String = "HILL", timestampLifetime: Int = 86_400) throws -> Data {
    let documents = try modelDocuments(lifetime: timestampLifetime)
    let version = try modelVersion()
    return try database.read { database in
      try SyncBundle.write(
        try tables.batches(after: VersionVector(), limitBytes: .max, in: database)
          .batches.map { try BatchRedactor.vouch(for: $0.bytes, identity: identity) },
        direction: .toSite,
        site: site,
        state: SyncRequest(
          vector: try tables.vector(in: database),
          chainHeads: try tables.chainHeads(in: database),
          stateRoot: Data(try tables.stateRoot(in: database)),
          modelVersion: version
        ),
        documents: documents,
        identity: identity
      )
    }
  }

  private func modelVersion() throws -> UInt64 {
    try model.map { try ModelRelease.decode($0.payload).version } ?? 0
  }
}
