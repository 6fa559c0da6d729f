// SPDX-License-Identifier: Apache-2.0

public import Foundation
import Registry
import RegistryDatabase
import Replication

extension SiteStore {
  /// Writes every identity as one encrypted file for another device of this site.
  public func writeTransfer(
    vault: Vault,
    secret: TransferSecret,
    actor: Actor,
    using generator: inout some RandomNumberGenerator
  ) throws(SiteReplicaError) -> (file: Data, patients: Int) {
    let file: Data
    let count: Int
    do throws(VaultError) {
      file = try vault.transferFile(site: site, secret: secret, using: &generator)
      count = try vault.identities().count
    } catch {
      throw .vault(error)
    }
    try note(.vaultWritten, by: actor, count)
    return (file, count)
  }

  /// Takes identities from another device's file; fields that differ are returned, not replaced.
  public func readTransfer(
    _ file: Data,
    vault: Vault,
    secret: TransferSecret,
    actor: Actor,
    using generator: inout some RandomNumberGenerator
  ) throws(SiteReplicaError) -> TransferResult {
    let field = study.profile.roles.startRevision
    let registers = try read { try tables.registers(of: field, in: $0) }
    let result: TransferResult
    do throws(VaultError) {
      result = try vault.readTransfer(
        file,
        site: site,
        secret: secret,
        revisions: { registers[$0]?.integers ?? [] },
        using: &generator
      )
    } catch {
      throw .vault(error)
    }
    try purge(vault)
    try finishErasures()
    try note(.vaultRead, by: actor, result.added)
    return result
  }

  private func note(
    _ action: AuditAction,
    by actor: Actor,
    _ patients: Int
  ) throws(SiteReplicaError) {
    try write { database in
      var trail = try AuditTrail(database)
      try trail.append(action, by: actor, details: #"{"patients":\#(patients)}"#)
    }
  }
}
