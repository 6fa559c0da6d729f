// SPDX-License-Identifier: Apache-2.0

/// One numbered change of a database's tables.
public struct Migration: Hashable, Sendable {
  /// The file's name without its extension, such as `replica_0001_log_and_heads`.
  public let name: String
  /// The SQL text.
  public let sql: String

  init(_ name: String, _ bytes: [UInt8]) {
    self.name = name
    self.sql = String(decoding: bytes, as: UTF8.self)
  }
}

/// The SQL files of this folder, embedded in the programs.
///
/// A released file never changes, and numbers only rise.
public enum Migrations {
  /// The migrations of some prefixes: prefix by prefix in the order given, then by number.
  public static func named(_ prefixes: [String]) -> [Migration] {
    prefixes.flatMap { prefix in
      all.filter { $0.name.hasPrefix(prefix + "_") }.sorted { $0.name < $1.name }
    }
  }

  /// Every embedded file; one line each.
  static let all: [Migration] = [
    Migration("replica_0001_log_and_heads", PackageResources.replica_0001_log_and_heads_sql),
    Migration("replica_0002_erasure", PackageResources.replica_0002_erasure_sql),
    Migration("replica_0003_patient_numbers", PackageResources.replica_0003_patient_numbers_sql),
    Migration("site_0001_site", PackageResources.site_0001_site_sql),
    Migration("site_0002_links", PackageResources.site_0002_links_sql),
    Migration("site_0003_erasure", PackageResources.site_0003_erasure_sql),
    Migration("site_0004_signers", PackageResources.site_0004_signers_sql),
    Migration("vault_0001_identities", PackageResources.vault_0001_identities_sql),
    Migration("vault_0002_differing", PackageResources.vault_0002_differing_sql),
    Migration("center_0001_registry", PackageResources.center_0001_registry_sql),
    Migration("center_0002_erasure", PackageResources.center_0002_erasure_sql),
    Migration("center_0003_governance", PackageResources.center_0003_governance_sql),
  ]
}
