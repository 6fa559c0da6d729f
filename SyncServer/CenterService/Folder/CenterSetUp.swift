// SPDX-License-Identifier: Apache-2.0

public import Center
import Crypto
import Foundation
public import Registry
import RiskModel
import SyncProtocol

/// Sets up a coordinating centre in an empty folder.
public struct CenterSetUp: Sendable {
  /// Days that the first root document is good for.
  public static let rootLifetimeDays = 3650
  /// The offline keys of each role; two of them must sign.
  public static let keysPerRole = 3

  private let folder: CenterFolder
  private let study: Study
  private let now: Int

  /// Plans a set-up.
  ///
  /// - Parameters:
  ///   - folder: Where the files shall lie.
  ///   - study: The study whose plan and first model are registered.
  ///   - now: Seconds since 1970.
  public init(folder: CenterFolder, study: Study, now: Int) {
    self.folder = folder
    self.study = study
    self.now = now
  }

  /// What a set-up made.
  public struct Outcome: Sendable {
    /// The centre's identity.
    public let identity: CenterIdentity
    /// The version of the model that was released.
    public let modelVersion: UInt64
  }

  /// Makes keys, certificates, the first root document, and release 1: the study's first model.
  ///
  /// The store comes last, so that a set-up that broke off is seen as none.
  ///
  /// - Parameters:
  ///   - name: The centre's name, for people.
  ///   - hosts: Names and addresses under which it is reached, each with a port or without.
  /// - Returns: The new identity and the released version.
  /// - Throws: `CenterServiceError.alreadyInitialised` when any of its files is there.
  public func run(name: String, hosts: [String]) throws(CenterServiceError) -> Outcome {
    let names = try Self.hostNames(hosts)
    for path in [folder.store, folder.serviceKey, folder.rootKey(1), folder.modelKey(1)] {
      guard !FileManager.default.fileExists(atPath: path) else {
        throw .alreadyInitialised(path: folder.path)
      }
    }
    try folder.create()
    let fingerprint = try makeCertificates(name: name, hosts: names)
    let keys = try makeKeys()
    let identity = CenterIdentity(
      name: name,
      keyID: "center/1",
      publicKey: keys.service.publicKey.rawRepresentation,
      hosts: hosts,
      serverFingerprint: fingerprint
    )
    do {
      let center = Center(store: try SQLiteCenterStore.open(path: folder.store))
      try center.initialise(
        identity,
        root: try root(keys),
        plan: try SignedPlan.sign(Data(study.planBytes), by: Array(keys.model.prefix(2))),
        now: now
      )
      let version = try releaseSeed(keys, center: center)
      return Outcome(identity: identity, modelVersion: version)
    } catch let error as CenterError {
      throw .center(error)
    } catch let error as CenterServiceError {
      throw error
    } catch { throw .modelChannel("\(error)") }
  }

  private struct Keys {
    let root: [Curve25519.Signing.PrivateKey]
    let model: [Curve25519.Signing.PrivateKey]
    let timestamp: Curve25519.Signing.PrivateKey
    let service: Curve25519.Signing.PrivateKey
  }

  private func makeKeys() throws(CenterServiceError) -> Keys {
    func make(_ path: String) throws(CenterServiceError) -> Curve25519.Signing.PrivateKey {
      let key = Curve25519.Signing.PrivateKey()
      try KeyFile.write(key, to: path)
      return key
    }
    var root: [Curve25519.Signing.PrivateKey] = []
    var model: [Curve25519.Signing.PrivateKey] = []
    for number in 1...Self.keysPerRole {
      root.append(try make(folder.rootKey(number)))
      model.append(try make(folder.modelKey(number)))
    }
    return Keys(
      root: root,
      model: model,
      timestamp: try make(folder.timestampKey),
      service: try make(folder.serviceKey)
    )
  }

  private func makeCertificates(
    name: String,
    hosts: [String]
  ) throws(CenterServiceError) -> String {
    let time = Date(timeIntervalSince1970: TimeInterval(now))
    let authority = try CertificateAuthority.make(centerName: name, now: time)
    let server = try authority.issueServerCertificate(hosts: hosts, now: time)
    try SecretFile.create(Data(authority.privateKeyPEM.utf8), at: folder.authorityKey)
    try SecretFile.create(Data(server.privateKeyPEM.utf8), at: folder.serverKey)
    try SecretFile.create(Data(server.certificatePEM.utf8), at: folder.serverCertificate)
    try SecretFile.create(Data(authority.certificatePEM.utf8), at: folder.authorityCertificate)
    return server.fingerprint
  }

  private func root(_ keys: Keys) throws -> Envelope {
    var names: [String: String] = [:]
    for (role, listed) in [("root", keys.root), ("model", keys.model)] {
      for (index, key) in listed.enumerated() {
        names[Envelope.keyID(of: key.publicKey)] = "\(role) key \(index + 1)"
      }
    }
    names[Envelope.keyID(of: keys.timestamp.publicKey)] = "timestamp key"
    var root = try ModelChannelAuthor.root(
      version: 1,
      expires: now + Self.rootLifetimeDays * 86_400,
      rootKeys: keys.root.map(\.publicKey),
      modelKeys: keys.model.map(\.publicKey),
      timestampKeys: [keys.timestamp.publicKey],
      names: names
    )
    for key in keys.root.prefix(2) { try root.sign(by: key) }
    return root
  }

  /// The published model is release 1: the study's own, never gated here, and its text says so.
  private func releaseSeed(_ keys: Keys, center: Center) throws -> UInt64 {
    let bytes = Data(study.seedModelBytes)
    let seed = try ModelRelease.decode(bytes)
    let candidate = try center.addCandidate(
      bytes,
      modelID: seed.modelID,
      version: seed.version,
      cut: nil,
      report: Data("{}".utf8),
      hasPassedGate: false,
      now: now
    )
    for key in keys.model.prefix(2) {
      _ = try center.sign(candidate.id, key: key, overrideReason: nil, now: now)
    }
    return try center.release(candidate.id, timestampKey: keys.timestamp, now: now).version
  }

  private static func hostNames(_ hosts: [String]) throws(CenterServiceError) -> [String] {
    var names: [String] = []
    for host in hosts {
      guard let parts = HostAddress.split(host) else { throw .malformedHost(host) }
      names.append(parts.host)
    }
    return names
  }
}
