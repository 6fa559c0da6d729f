// SPDX-License-Identifier: Apache-2.0
import Crypto
import Foundation
import Replication
import Testing

@testable import SyncProtocol

/// The bytes of every wire version in `Tests/Wire`, each with the decoding that is expected of it.
///
/// Append-only; `Tests/Wire/README.md` says how a version is added.
struct GoldenBytesTests {
  typealias Sample = (
    name: String, make: @Sendable () throws -> Data, list: @Sendable (Data) throws -> String
  )

  static let samples: [String: Sample] = Dictionary(
    uniqueKeysWithValues: all.map { ($0.name, $0) }
  )

  private static let all: [Sample] = [
    ("batch-first", WireSamples.first, WireListing.batch),
    ("batch-later", WireSamples.later, WireListing.batch),
    ("batch-erasing", WireSamples.erasing, WireListing.batch),
    ("batch-redacted", WireSamples.redacted, WireListing.batch),
    ("pending", WireSamples.pending, WireListing.pending),
    ("request", WireSamples.request, WireListing.request),
    ("reply", WireSamples.reply, WireListing.reply),
    ("bundle-to-center", { try WireSamples.bundle(.toCenter) }, WireListing.bundle),
    ("bundle-to-site", { try WireSamples.bundle(.toSite) }, WireListing.bundle),
    ("enrollment-request", WireSamples.enrollmentRequest, WireListing.enrollmentRequest),
    ("enrollment-reply", WireSamples.enrollmentReply, WireListing.enrollmentReply),
    ("model-bundle", WireSamples.modelBundle, WireListing.modelBundle),
  ]

  @Test(arguments: WireFolder.versions.flatMap { version in all.map { (version, $0.name) } })
  func `today's program reads every version's bytes as they were meant`(
    version: String,
    name: String
  ) throws {
    let sample = try #require(Self.samples[name])
    try WireFolder.record(version, name, sample.make, sample.list)
    guard let bytes = WireFolder.bytes(version, name) else {
      #expect(version != WireFolder.current, "\(name) of the present version is missing")
      return
    }
    #expect(try sample.list(bytes) == WireFolder.text(version, name))
  }

  @Test(arguments: all.map(\.name))
  func `today's program writes the present version's bytes`(name: String) throws {
    let sample = try #require(Self.samples[name])
    let kept = try #require(WireFolder.bytes(WireFolder.current, name))
    let made = try sample.make()
    // What another release of the compressor packs differently means the same: see the README.
    guard made != kept else { return }
    #expect(try Self.unpacked(made, name) == Self.unpacked(kept, name))
  }

  @Test func `both batches of the present version are signed and chained`() throws {
    let key = try BatchFixtures.identity().privateKey.publicKey
    let batches = try ["batch-first", "batch-later"].map { name in
      try ReceivedBatch.decode(try #require(WireFolder.bytes(WireFolder.current, name)))
    }
    for batch in batches { try batch.verify(publicKey: key) }
    #expect(batches[1].batch.previous == batches[0].batch.hash)
  }

  @Test func `no sample was changed after it was recorded`() throws {
    let list = try String(
      contentsOf: WireFolder.folder.appending(path: "SHA256SUMS"),
      encoding: .utf8
    )
    for line in list.split(separator: "\n") {
      let parts = line.split(separator: " ", maxSplits: 1).map {
        $0.trimmingCharacters(in: .whitespaces)
      }
      let bytes = try Data(contentsOf: WireFolder.folder.appending(path: parts[1]))
      #expect(hexadecimal(SHA256.hash(data: bytes)) == parts[0], "\(parts[1])")
    }
  }

  /// A batch without its chain, signature and compression; other samples as they are.
  private static func unpacked(_ bytes: Data, _ name: String) throws -> [Data] {
    guard name.hasPrefix("batch") else { return [bytes] }
    let message = try StrictMessage.decode(WireSealedBatch.self, from: bytes, limit: .max)
    var body = try StrictMessage.decode(WireBatchBody.self, from: message.body, limit: .max)
    let columns = try Zstd.decompress(body.columns, limit: BatchLimits.columnsBytes)
    body.columns = Data()
    body.previous = Data()
    return [StrictMessage.encode(body), columns]
  }
}

/// The folder `Tests/Wire`.
enum WireFolder {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Wire")

  /// The wire versions with samples; the last one is the present version.
  static let versions = ["1", "2"]
  static let current = "2"

  static func bytes(_ version: String, _ name: String) -> Data? {
    try? Data(contentsOf: folder.appending(path: "\(version)/\(name).bin"))
  }

  static func text(_ version: String, _ name: String) throws -> String {
    try String(contentsOf: folder.appending(path: "\(version)/\(name).txt"), encoding: .utf8)
  }

  /// Writes a sample that is not there, when `LOBULE_RECORD=1`; never writes over one.
  static func record(
    _ version: String,
    _ name: String,
    _ make: () throws -> Data,
    _ list: (Data) throws -> String
  ) throws {
    let target = folder.appending(path: "\(version)/\(name).bin")
    guard ProcessInfo.processInfo.environment["LOBULE_RECORD"] == "1", version == current,
      !FileManager.default.fileExists(atPath: target.path)
    else { return }
    let bytes = try make()
    try bytes.write(to: target)
    try Data(try list(bytes).utf8)
      .write(to: folder.appending(path: "\(version)/\(name).txt"), options: .withoutOverwriting)
  }
}
