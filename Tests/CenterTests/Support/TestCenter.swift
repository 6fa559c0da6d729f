// SPDX-License-Identifier: Apache-2.0

import Center
import Crypto
import Foundation
import Registry
import RiskModel
import SyncProtocol
import Testing

/// A set-up centre in a folder of its own, with keys drawn for the test.
final class TestCenter {
  static let now = 1_795_442_400

  let folder: URL
  let center: Center
  let study: Study
  let modelKeys = (1...3).map { _ in Curve25519.Signing.PrivateKey() }
  let timestampKey = Curve25519.Signing.PrivateKey()
  let serviceKey = Curve25519.Signing.PrivateKey()
  private let rootKeys = (1...3).map { _ in Curve25519.Signing.PrivateKey() }

  /// The centre's own key by name.
  var identity: SigningIdentity { SigningIdentity(keyID: "center/1", privateKey: serviceKey) }
  var path: String { folder.appending(path: "center.sqlite").path }

  init() throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "center-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    study = try Study.embedded()
    center = Center(
      store: try SQLiteCenterStore.open(path: folder.appending(path: "center.sqlite").path)
    )
    var root = try ModelChannelAuthor.root(
      version: 1,
      expires: Self.now + 86_400 * 365,
      rootKeys: rootKeys.map(\.publicKey),
      modelKeys: modelKeys.map(\.publicKey),
      timestampKeys: [timestampKey.publicKey]
    )
    for key in rootKeys.prefix(2) { try root.sign(by: key) }
    try center.initialise(
      CenterIdentity(
        name: "Test centre",
        keyID: "center/1",
        publicKey: serviceKey.publicKey.rawRepresentation,
        hosts: [],
        serverFingerprint: "00"
      ),
      root: root,
      plan: Data(study.planBytes),
      now: Self.now
    )
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  /// The same store, opened again as after a restart.
  func reopened() throws -> Center { Center(store: try SQLiteCenterStore.open(path: path)) }

  /// A new code for a site.
  func code(for site: String, now: Int = TestCenter.now) throws -> EnrollmentCode {
    var generator = SystemRandomNumberGenerator()
    return try center.addSite(site, name: "\(site) hospital", now: now, using: &generator)
  }

  /// A device of a site, enrolled.
  func device(of site: String) throws -> TestDevice {
    var device = TestDevice(site: site, study: study)
    device.keyID = try enrol(device, code: code(for: site)).keyID
    return device
  }

  @discardableResult
  func enrol(
    _ device: TestDevice,
    code: EnrollmentCode,
    now: Int = TestCenter.now
  ) throws -> EnrollmentReply {
    try center.enrol(
      Enrollment.request(
        site: device.site,
        publicKey: device.key.publicKey.rawRepresentation,
        code: code
      ),
      authority: "127.0.0.1:8443",
      now: now
    )
  }

  /// Pushes batches of a device to its own site's path.
  func push(
    _ batches: [Data],
    by device: TestDevice,
    auditSize: UInt64 = 0
  ) throws -> SyncReply {
    try center.ingest(
      device.request(batches, auditSize: auditSize),
      site: device.site,
      keyID: device.keyID,
      answeringAs: identity,
      now: Self.now
    )
  }

  /// The embedded model as a candidate that has not passed the gate.
  func candidate(version: UInt64 = 1, cut: String? = nil) throws -> ModelCandidate {
    var json = try #require(
      try JSONSerialization.jsonObject(with: Data(study.seedModelBytes)) as? [String: Any]
    )
    json["version"] = version
    let release = try ModelRelease.decode(try JSONSerialization.data(withJSONObject: json))
    return try center.addCandidate(
      release.encoded(),
      modelID: release.modelID,
      version: version,
      cut: cut,
      report: Data("{}".utf8),
      hasPassedGate: false,
      now: Self.now
    )
  }
}
