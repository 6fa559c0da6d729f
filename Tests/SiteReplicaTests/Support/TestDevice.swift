// SPDX-License-Identifier: Apache-2.0

import Foundation
import Registry
import Replication
import SyncProtocol
import TestSupport

@testable import SiteReplica

/// A temporary folder that goes away with its last reference.
final class ScratchFolder: Sendable {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.path + "/lobule-\(UUID().uuidString)"
    try FileManager.default.createDirectory(
      atPath: path,
      withIntermediateDirectories: true,
      attributes: [.posixPermissions: 0o700]
    )
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// One device: a store and its vault in a folder of their own.
struct TestDevice {
  let scratch: ScratchFolder
  let store: SiteStore
  let vault: Vault
  let recoveryKey: String
  var generator: SeededGenerator

  static let keyFile = Data("0123456789abcdef0123456789abcdef".utf8)
  static let actor = Actor(who: "nurse", now: 1_790_000_000)

  init(site: String = "HILL", seed: UInt64 = 1) throws {
    scratch = try ScratchFolder()
    generator = SeededGenerator(seed: seed)
    let made = try SiteStore.create(
      folder: scratch.path + "/store",
      site: site,
      study: Study.embedded(),
      secret: .keyFile(Self.keyFile),
      actor: Self.actor,
      using: &generator
    )
    (store, vault, recoveryKey) = (made.store, made.vault, made.recoveryKey)
  }

  mutating func importText(
    _ text: String,
    _ options: ImportOptions = ImportOptions()
  ) throws -> ImportReport {
    try store.importFile(
      Data(text.utf8),
      options: options,
      vault: vault,
      actor: Self.actor,
      using: &generator
    )
  }

  mutating func set(
    _ mrn: String,
    _ event: String?,
    _ assignments: String...,
    resolves: Bool = false
  ) throws {
    let draft = try store.draft(
      mrn: mrn,
      event: event,
      assignments: assignments.compactMap { Assignment($0) },
      resolves: resolves,
      vault: vault,
      using: &generator
    )
    try store.save(draft, vault: vault, actor: Self.actor, using: &generator)
  }

  func value(_ mrn: String, _ event: String, _ field: String) throws -> String? {
    let record = try store.record(of: store.patient(mrn: mrn, vault: vault), vault: vault)
    return record.values.first {
      $0.address.row.event == event && $0.address.field == field
        && ["", "consensus"].contains($0.address.row.reader)
    }?.text
  }

  /// Takes the identities of another device by a transfer file.
  @discardableResult
  mutating func share(_ other: TestDevice) throws -> TransferResult {
    let code = Vault.transferCode(using: &generator)
    let written = try other.store.writeTransfer(
      vault: other.vault,
      secret: .code(code),
      actor: Self.actor,
      using: &generator
    )
    return try store.readTransfer(
      written.file,
      vault: vault,
      secret: .code(code),
      actor: Self.actor,
      using: &generator
    )
  }

  mutating func enroll(at center: TestCenter) async throws {
    _ = try await store.enroll(
      server: "https://center.example",
      authorityCertificate: nil,
      code: center.code,
      transport: center,
      actor: Self.actor
    )
  }

  @discardableResult
  mutating func sync(
    with center: TestCenter,
    pause: SyncPause? = nil
  ) async throws -> SyncReport {
    let engine = SyncEngine(
      store: store,
      transport: center,
      clock: { 1_790_000_000 },
      pause: pause
    )
    return try await engine.run(actor: Self.actor, using: &generator)
  }

  /// All bytes of the store folder's files.
  func storedBytes() throws -> Data {
    var bytes = Data()
    for name in try FileManager.default.contentsOfDirectory(atPath: store.folder) {
      bytes.append(try Data(contentsOf: URL(filePath: "\(store.folder)/\(name)")))
    }
    return bytes
  }
}

/// The practice hospitals' files, and small ones.
enum Practice {
  static func text(_ name: String) throws -> String {
    let fixtures = URL(filePath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Fixtures/Hospitals/\(name).csv")
    return try String(contentsOf: fixtures, encoding: .utf8)
  }

  static let small = """
    mrn,name,birth_date,treatment_start,sex,labs_date,neutrophils,lymphocytes
    A1,Li Ming,1960-05-06,2024-01-10,male,2024-01-08,5.2,1.3
    A2,Wang Fang,1951-02-03,2024-02-11,female,2024-02-09,4.1,1.7

    """
}

extension SiteStore {
  /// The key with which the device signs, as the sync engine makes it.
  func enrolledIdentity() throws -> SigningIdentity {
    SigningIdentity(keyID: try enrollment().keyID, privateKey: try DeviceKey.read(folder: folder))
  }
}
