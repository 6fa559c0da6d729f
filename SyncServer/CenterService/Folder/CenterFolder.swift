// SPDX-License-Identifier: Apache-2.0

import RegistryDatabase

/// Where a centre's files lie.
public struct CenterFolder: Sendable {
  /// The folder itself.
  public let path: String
  /// The folder of the offline keys: may be elsewhere, and should be after set-up.
  public let keysPath: String

  /// Names the files of a folder.
  ///
  /// - Parameters:
  ///   - path: The centre's folder.
  ///   - keysPath: The folder of the offline keys; `keys` in the centre's folder when nil.
  public init(path: String, keysPath: String? = nil) {
    self.path = path
    self.keysPath = keysPath ?? "\(path)/keys"
  }

  /// The store.
  public var store: String { "\(path)/center.sqlite" }
  /// The authority's certificate: the file that sites are given.
  public var authorityCertificate: String { "\(path)/ca.pem" }
  /// The authority's private key, needed for a new server certificate only.
  public var authorityKey: String { "\(keysPath)/ca.key" }
  /// The server's certificate.
  public var serverCertificate: String { "\(path)/server.pem" }
  /// The server's private key.
  public var serverKey: String { "\(path)/server.key" }
  /// The key that signs the centre's answers.
  public var serviceKey: String { "\(path)/service.key" }
  /// The key that signs timestamps of the model channel.
  public var timestampKey: String { "\(path)/timestamp.key" }
  /// The `number`-th root key, from 1.
  public func rootKey(_ number: Int) -> String { "\(keysPath)/root-\(number).key" }
  /// The `number`-th model key, from 1.
  public func modelKey(_ number: Int) -> String { "\(keysPath)/model-\(number).key" }

  /// Makes the folders, for the user alone.
  func create() throws(CenterServiceError) {
    for folder in [path, keysPath] {
      try CenterServiceError.storing { () throws(RegistryDatabaseError) in
        try PrivateFiles.makeFolder(folder)
      }
    }
  }
}
