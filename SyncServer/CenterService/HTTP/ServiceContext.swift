// SPDX-License-Identifier: Apache-2.0

import Hummingbird
import Logging
import NIOCore

/// What the service needs to know of the connection that a request came on.
struct ServiceContext: InitializableFromSource {
  let channel: any Channel
  let logger: Logger

  init(source: ApplicationRequestContextSource) {
    channel = source.channel
    logger = source.logger
  }

  /// Where the request came from, as `HostAddress.owner` names it.
  var caller: String { channel.remoteAddress?.ipAddress.map(HostAddress.owner) ?? "" }

  /// The port of this end of the connection.
  var port: Int { channel.localAddress?.port ?? 443 }
}
