// SPDX-License-Identifier: Apache-2.0

import GRDB
import RegistryDatabase

/// Names the errors of the database for this module.
enum StoreFailure {
  static func translate(_ error: any Error) -> SiteReplicaError {
    switch error {
    case let known as SiteReplicaError: known
    case let known as VaultError: .vault(known)
    case let known as RegistryDatabaseError where known == .inUse: .storeInUse
    case let known as RegistryDatabaseError where known == .newerVersion: .storeOfNewerVersion
    case let known as ModelRefusal: .modelRefused(known)
    default: .storeUnusable(reason: reason(error))
    }
  }

  /// The system's reason, without the arguments of a statement: those may be patient values.
  static func reason(_ error: any Error) -> String {
    if let known = error as? DatabaseError {
      return "\(known.message ?? "database error") (\(known.extendedResultCode.rawValue))"
    }
    if let known = error as? RegistryDatabaseError { return known.reason }
    return String(describing: error)
  }
}
