// SPDX-License-Identifier: Apache-2.0

import Glibc

/// How many files and connections this process may have open.
enum OpenFileLimit {
  /// Raises the limit as far as the system lets this user: each connection takes one.
  static func raise(to wanted: UInt) {
    let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    var limit = rlimit()
    guard getrlimit(resource, &limit) == 0, limit.rlim_cur < wanted else { return }
    limit.rlim_cur = min(wanted, limit.rlim_max)
    // Where it stays, fewer connections are served at once; the service's own bound is above it.
    _ = setrlimit(resource, &limit)
  }
}
