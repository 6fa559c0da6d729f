// SPDX-License-Identifier: Apache-2.0
import Crypto
import Foundation
import Replication
import TestSupport

@testable import SyncProtocol

/// The samples of the present wire version, made from nothing but fixed numbers.
enum WireSamples {
  private typealias Fixtures = BatchFixtures

  /// Another device, whose batch introduced a patient that ours name by number.
  static let directory = PatientDirectory(
    references: [
      PatientID(high: 7, low: 9): PatientReference(introducer: Fixtures.other, number: 2)
    ],
    ownCount: 0
  )

  static func first() throws -> Data {
    try Fixtures.seal([
      Fixtures.changeset(1, reason: "import", writes: values(patient: 1)),
      Fixtures.changeset(2, writes: [Fixtures.write(.decimal(1.085), patient: 2)]),
    ])[0].bytes
  }

  /// The author's second batch: chained to the first, with a foreign context.
  static func later() throws -> Data {
    let first = try ReceivedBatch.decode(first()).batch
    return try Fixtures.seal(
      [
        Fixtures.changeset(
          3,
          reason: "correction",
          foreign: Fixtures.foreign,
          writes: [
            Fixtures.write(.decimal(1.12), patient: 7),
            Fixtures.write(.day(56), patient: 7, field: "mri_date"),
            Fixtures.write(.retracted, patient: 8, event: "", field: "same_as"),
          ]
        )
      ],
      foreign: Fixtures.foreign,
      previous: first.hash,
      directory: directory
    )[0].bytes
  }

  /// A batch that marks a patient as erased by law.
  static func erasing() throws -> Data {
    try Fixtures.seal([
      Fixtures.changeset(
        1,
        reason: "erasure_request",
        writes: [
          FieldWrite(address: .erasure(of: PatientID(high: 1, low: 9)), value: .erased)
        ]
      )
    ])[0].bytes
  }

  /// What is left of the first batch without its first patient, vouched for.
  static func redacted() throws -> Data {
    let gone = PatientID(high: 1, low: 9)
    let rest = try BatchRedactor.redact(first(), removing: [gone: gone]) ?? Data()
    return try BatchRedactor.vouch(for: rest, identity: Fixtures.identity())
  }

  static func pending() throws -> Data {
    try ChangesetCodec.encode(
      Fixtures.changeset(4, foreign: Fixtures.foreign, writes: values(patient: 3))
    )
  }

  /// Every kind of value, doubles at the edges among them.
  private static func values(patient: UInt64) -> [FieldWrite] {
    let values: [Value] = [
      .integer(.min), .integer(64), .decimal(0.1), .decimal(-0.0), .decimal(.leastNonzeroMagnitude),
      .decimal(.greatestFiniteMagnitude), .code("PR"), .boolean(false), .boolean(true), .day(-3),
      .day(.max), .patient(PatientID(high: 5, low: 5)), .missing(.notDone), .missing(.notKnown),
      .missing(.notApplicable), .retracted,
    ]
    return values.enumerated().map { index, value in
      Fixtures.write(
        value,
        patient: patient,
        event: ["", "baseline", "week8"][index % 3],
        field: "field_\(index)"
      )
    }
  }

  private static let heads = [
    ContextEntry(replica: Fixtures.author, last: 3, chainPrefix: [9, 8, 7, 6, 5, 4, 3, 2]),
    ContextEntry(replica: Fixtures.other, last: 4, chainPrefix: [1, 2, 3, 4, 5, 6, 7, 8]),
  ]

  static func request() throws -> Data { try syncRequest().encoded() }

  private static func syncRequest() throws -> SyncRequest {
    SyncRequest(
      vector: VersionVector(heads),
      chainHeads: heads,
      stateRoot: Data(repeating: 5, count: 32),
      batches: [try first(), try later()],
      modelVersion: 4,
      replyLimitBytes: 4 << 20,
      hasMore: true,
      wantsBuckets: true,
      auditSize: 6,
      kept: VersionVector([Fixtures.other: 9]),
      wantedBucket: 255
    )
  }

  static func reply() throws -> Data {
    SyncReply(
      vector: VersionVector(heads),
      chainHeads: heads,
      stateRoot: Data(repeating: 5, count: 32),
      batches: [try later()],
      hasMore: true,
      acceptedBatches: 3,
      acceptedChangesets: 9,
      refused: [
        BatchRefusal(
          replica: Fixtures.author,
          firstSequence: 2,
          changesets: 3,
          reason: "signature"
        ),
        BatchRefusal(replica: nil, firstSequence: 0, changesets: 0, reason: "form"),
      ],
      modelVersion: 4,
      stateBuckets: Data((0..<4096).map { UInt8(truncatingIfNeeded: $0) }),
      auditCheckpoint: Data(#"{"size":6}"#.utf8),
      kept: VersionVector([Fixtures.author: 5]),
      bucketAddresses: Data((0..<64).map { UInt8($0) })
    ).encoded()
  }

  static func bundle(_ direction: SyncBundle.Direction) throws -> Data {
    try SyncBundle.write(
      [try first(), try later()],
      direction: direction,
      site: "CD",
      state: try syncRequest(),
      identity: Fixtures.identity()
    )
  }
}

/// Enrolment and the model channel.
extension WireSamples {
  private static func code() -> EnrollmentCode {
    var generator = SeededGenerator(seed: 1)
    return .random(using: &generator)
  }

  private static func enrollment() -> EnrollmentRequest {
    Enrollment.request(site: "CD", publicKey: Data(repeating: 9, count: 32), code: code())
  }

  static func enrollmentRequest() throws -> Data { try enrollment().encoded() }

  static func enrollmentReply() throws -> Data {
    try Enrollment.reply(
      keyID: "CD/1",
      centerKeyID: "center-1",
      centerPublicKey: Data(repeating: 8, count: 32),
      rootEnvelope: Data("{}".utf8),
      centerName: "Centre",
      authority: "centre.example:8443",
      to: enrollment(),
      code: code()
    ).encoded()
  }

  static func modelBundle() throws -> Data {
    let keys = try (1...3).map { byte in
      try Curve25519.Signing.PrivateKey(rawRepresentation: Data(repeating: byte, count: 32))
    }
    var root = try ModelChannelAuthor.root(
      version: 1,
      expires: 2_000_000_000,
      rootKeys: keys.map(\.publicKey),
      modelKeys: keys.map(\.publicKey),
      timestampKeys: [keys[0].publicKey]
    )
    let release = #"{"type":"model","model_id":"hcc-response","version":2,"x":0.1}"#
    var model = try ModelChannelAuthor.model(release: Data(release.utf8))
    for key in keys.prefix(2) {
      try root.sign(by: key)
      try model.sign(by: key)
    }
    var timestamp = try ModelChannelAuthor.timestamp(
      version: 5,
      expires: 1_900_000_000,
      rootVersion: 1,
      models: [model]
    )
    try timestamp.sign(by: keys[0])
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(ModelBundle(roots: [root], timestamp: timestamp, model: model))
  }
}
