// SPDX-License-Identifier: Apache-2.0

import Center
import SyncProtocol

/// What a request asks for, told from its path alone: everything not listed is not found.
package enum ServiceRoute: Equatable {
  /// A device proves that it knows an enrolment code.
  case enrol
  /// A replica of a site exchanges batches.
  case sync(site: String)
  /// A replica of a site asks for the released model.
  case model(site: String)
  /// A device of a site gets a new key.
  case key(site: String)
  /// A replica of a site asks what the root keys say of breaks in the audit log.
  case auditBreaks(site: String)

  /// Reads a path, without its query.
  ///
  /// Site codes need no escapes, so a path with an escape names no route.
  init?(path: String) {
    if path == SyncRoutes.enroll {
      self = .enrol
      return
    }
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 5, SiteRecord.isCode(String(parts[3])) else { return nil }
    let site = String(parts[3])
    switch path {
    case SyncRoutes.sync(site): self = .sync(site: site)
    case SyncRoutes.model(site): self = .model(site: site)
    case SyncRoutes.key(site): self = .key(site: site)
    case SyncRoutes.auditBreaks(site): self = .auditBreaks(site: site)
    default: return nil
    }
  }

  /// The one method that the route answers to.
  var method: String {
    switch self {
    case .enrol, .sync, .key: "POST"
    case .model, .auditBreaks: "GET"
    }
  }

  /// The site that the path names.
  var site: String? {
    switch self {
    case .enrol: nil
    case .sync(let site), .model(let site), .key(let site), .auditBreaks(let site): site
    }
  }

  /// The name in the service's log.
  var name: String {
    switch self {
    case .enrol: "enroll"
    case .sync: "sync"
    case .model: "model"
    case .key: "key"
    case .auditBreaks: "audit-breaks"
    }
  }

  /// Bytes of the largest body.
  func bodyLimit(_ limits: ServiceLimits) -> Int {
    switch self {
    case .sync: limits.syncBodyBytes
    case .enrol, .key: limits.bodyBytes
    case .model, .auditBreaks: 0
    }
  }
}
