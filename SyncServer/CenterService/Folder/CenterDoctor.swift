// SPDX-License-Identifier: Apache-2.0

import Center
import Foundation
import SwiftASN1
import SyncProtocol
import X509

/// One thing that was looked at.
public struct CenterCheck: Codable, Equatable, Sendable {
  /// What was looked at.
  public let check: String
  /// Whether it is as it should be.
  public let pass: Bool
  /// What was found.
  public let detail: String
}

/// Looks at everything a centre rests on and changes nothing.
public struct CenterDoctor: Sendable {
  /// Days before its end at which the server's certificate is reported.
  private static let certificateNoticeDays = 30

  private let folder: CenterFolder
  private let now: Int

  /// Plans a look at a folder.
  public init(folder: CenterFolder, now: Int) {
    self.folder = folder
    self.now = now
  }

  /// Looks at everything; a part that cannot be read is a check that failed.
  public func run() -> [CenterCheck] {
    [permissions(), certificate()] + store()
  }

  private func permissions() -> CenterCheck {
    let files = [
      folder.store, folder.serverKey, folder.serviceKey, folder.timestampKey, folder.authorityKey,
    ]
    let open = files.filter { path in
      let mode = try? FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
      return (mode.flatMap { $0 } ?? 0) & 0o077 != 0
    }
    return CenterCheck(
      check: "permissions",
      pass: open.isEmpty,
      detail: open.isEmpty
        ? "secrets are readable by their owner alone"
        : "readable by others: \(open.joined(separator: ", "))"
    )
  }

  private func certificate() -> CenterCheck {
    guard let text = try? SecretFile.readText(folder.serverCertificate),
      let certificate = try? Certificate(pemEncoded: text)
    else {
      return CenterCheck(check: "certificate", pass: false, detail: "it cannot be read")
    }
    let seconds = Int(certificate.notValidAfter.timeIntervalSince1970) - now
    return CenterCheck(
      check: "certificate",
      pass: seconds > Self.certificateNoticeDays * 86_400,
      detail: "\(seconds / 86_400) days left"
    )
  }

  private func store() -> [CenterCheck] {
    let center: Center
    do throws(CenterServiceError) {
      center = try Center.open(folder)
    } catch {
      return [CenterCheck(check: "store", pass: false, detail: "\(error)")]
    }
    return [
      check("store") { "\(try center.siteSummaries().count) sites" },
      check("database") { try database(center) },
      check("record") { try record(center) },
      check("revocations") { try revocations(center) },
      check("audit") { "\(try center.verifyAudit().size) entries, whole" },
      check("versions") {
        let waiting = try center.waitingChangesets().sorted { $0.key < $1.key }
        return waiting.isEmpty
          ? "every change can be read"
          : waiting.map { "\($0.value) changes of \($0.key)" }.joined(separator: ", ")
            + " need a newer version of the program"
      },
      check("erasure") { try erasure(center) },
      check("model channel") { try channel(center) },
    ]
  }

  /// A check that found something, in words.
  private struct Finding: Error, CustomStringConvertible { let description: String }

  private func database(_ center: Center) throws -> String {
    let findings = try center.store.read { try $0.integrityFindings() }
    guard findings.isEmpty else { throw Finding(description: findings.joined(separator: "; ")) }
    return "sound"
  }

  private func record(_ center: Center) throws -> String {
    let different = try center.store.read { store in
      try store.sites().map(\.code).filter {
        try store.stateRoot(site: $0) != store.recomputedStateRoot(site: $0)
      }
    }
    guard different.isEmpty else {
      throw Finding(
        description: "the values of \(different.joined(separator: ", ")) differ from their digest"
      )
    }
    return "the values are those of the digests that sites compare"
  }

  /// Erasures by law: whether they are complete, and which frozen cuts they have changed.
  private func erasure(_ center: Center) throws -> String {
    let sites = try center.erasures()
    let unmarked = sites.filter { $0.value.unmarked > 0 }.keys.sorted()
    guard unmarked.isEmpty else {
      throw Finding(
        description: "changes of \(unmarked.joined(separator: ", ")) lack patients whose erasure "
          + "has not come: sync every device of the site"
      )
    }
    guard try !center.isErasureDue() else {
      throw Finding(description: "erased bytes may lie in the files: they were in use; serve again")
    }
    let erased = sites.values.reduce(0) { $0 + $1.erased }
    if erased == 0 { return "nobody was erased" }
    let cuts = Set(try center.cutErasures().map(\.cut)).sorted()
    return "\(erased) registrations erased"
      + (cuts.isEmpty ? "" : "; frozen cuts with fewer rows: \(cuts.joined(separator: ", "))")
  }

  private func revocations(_ center: Center) throws -> String {
    guard try center.awaitsRevocations() else { return "none is waited for" }
    throw Finding(
      description: "nobody has said who was revoked since the backup: revoke them, then run "
        + "lobule-center site confirm-revocations"
    )
  }

  private func channel(_ center: Center) throws -> String {
    guard let timestamp = try center.store.read({ try $0.document(.timestamp, version: nil) }),
      let expires = timestamp.expiresAt
    else { throw CenterError.channelDocument("no timestamp") }
    let least = try center.versionToExceed()
    guard try center.store.read({ try $0.document(.model, version: nil)?.version ?? 0 }) == least
    else {
      throw CenterError.channelDocument(
        "sites have version \(least), which this restored centre lacks: release a higher one"
      )
    }
    guard expires > now else { throw CenterError.channelDocument("the timestamp is stale; serve") }
    return "timestamp \(timestamp.version), \((expires - now) / 86_400) days left"
  }

  private func check(_ name: String, _ body: () throws -> String) -> CenterCheck {
    do {
      return CenterCheck(check: name, pass: true, detail: try body())
    } catch {
      return CenterCheck(check: name, pass: false, detail: "\(error)")
    }
  }
}
