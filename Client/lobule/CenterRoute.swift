// SPDX-License-Identifier: Apache-2.0

import CommandSupport
import CurlTransport
import Foundation
import SiteReplica
import SyncProtocol

/// Makes the way to the centre.
enum CenterRoute {
  /// Where the certificate authority of the centre is kept in a store folder.
  static func certificatePath(_ folder: String) -> String { "\(folder)/center-ca.pem" }

  static func transport(
    server: String,
    certificateFile: String?,
    proxy: String?
  ) throws -> CurlTransport {
    do {
      return try CurlTransport(
        CurlOptions(
          baseURL: server,
          certificateAuthorityFile: certificateFile,
          proxy: proxy
        )
      )
    } catch {
      throw CommandFailure(
        .usage,
        what: "The server's address is not https://HOST[:PORT]",
        to: server,
        todo: "Give it as the coordinating centre wrote it"
      )
    }
  }

  static func transport(for store: SiteStore, proxy: String?) throws -> CurlTransport {
    let enrollment = try store.enrollment()
    var path: String?
    if let certificate = enrollment.authorityCertificate {
      let kept = certificatePath(store.folder)
      if !FileManager.default.fileExists(atPath: kept) {
        try PrivateFile.write(certificate, to: kept)
      }
      path = kept
    }
    return try transport(server: enrollment.server, certificateFile: path, proxy: proxy)
  }
}
