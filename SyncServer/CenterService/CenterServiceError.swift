// SPDX-License-Identifier: Apache-2.0

public import Center
import Glibc
public import PooledAnalysis
import RegistryDatabase

/// Why the centre's service could not be set up or could not go on.
public enum CenterServiceError: Error, Equatable, Sendable {
  /// A certificate could not be made or read.
  case certificate(String)
  /// A host given on the command line is neither a name nor an address.
  case malformedHost(String)
  /// The folder already holds a coordinating centre.
  case alreadyInitialised(path: String)
  /// The folder holds no coordinating centre.
  case notInitialised(path: String)
  /// A file could not be read or written.
  case file(path: String, reason: String)
  /// A key file is not in the expected form.
  case malformedKeyFile(path: String)
  /// A key file is under a passphrase that was not given, or not this one.
  case keyLocked(path: String)
  /// A file to be signed holds no document that we sign.
  case unsignable(path: String)
  /// A document of the model channel could not be made.
  case modelChannel(String)
  /// The analysis plan bears too few signatures of model keys.
  case planUnsigned
  /// The analysis could not be done.
  case analysis(PooledAnalysisError)
  /// The address could not be listened on.
  case listen(address: String, reason: String)
  /// A backup could not be made or taken back.
  case backup(CenterBackupFault)
  /// Nobody has said yet who was revoked since the backup that the centre was restored from.
  case revocationsOpen
  /// The centre itself refused.
  case center(CenterError)
}

extension Center {
  /// Refuses to go on while a restored centre may take in what somebody else has signed.
  ///
  /// - Throws: `CenterServiceError.revocationsOpen`.
  public func requireRevocations() throws(CenterServiceError) {
    let isOpen: Bool
    do throws(CenterError) { isOpen = try awaitsRevocations() } catch { throw .center(error) }
    if isOpen { throw .revocationsOpen }
  }
}

extension CenterServiceError {
  /// Runs a body on files and gives its errors this module's names.
  static func storing<Result>(
    _ body: () throws(RegistryDatabaseError) -> Result
  ) throws(CenterServiceError) -> Result {
    do {
      return try body()
    } catch {
      guard case .cannotOpen(let path, let code) = error else {
        throw .file(path: "", reason: error.reason)
      }
      throw .file(path: path, reason: String(cString: strerror(code)))
    }
  }
}

/// Why a backup was not made or not taken back.
public enum CenterBackupFault: Error, Equatable, Sendable {
  /// The folder to make is there already.
  case alreadyThere(path: String)
  /// The folder holds no whole backup.
  case noBackup(path: String)
  /// A file of the backup does not have the hash that the backup states.
  case fileDiffers(path: String)
  /// The copied store is broken; the reason names tables, sites and counts.
  case storeBroken(reason: String)
  /// Keys and certificates that a restored centre needs are neither given nor in its folder.
  case keysMissing([String])
  /// The key is another one than the store's sites pinned.
  case keyDiffers(path: String)
}
