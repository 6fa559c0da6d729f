// SPDX-License-Identifier: Apache-2.0

import Center
import Crypto
import Logging
import ServiceLifecycle

/// Signs a new timestamp of the model channel long before the one in force is stale.
struct TimestampRenewal: Service {
  /// How often it looks.
  private static let interval = Duration.seconds(3600)

  let center: Center
  let key: Curve25519.Signing.PrivateKey
  let clock: @Sendable () -> Int
  let logger: Logger

  func run() async throws {
    await cancelWhenGracefulShutdown {
      while !Task.isCancelled {
        do throws(CenterError) {
          if try center.renewTimestamp(by: key, now: clock()) { logger.info("timestamp renewed") }
        } catch {
          logger.warning("timestamp not renewed", metadata: ["error": "\(error)"])
        }
        try? await Task.sleep(for: Self.interval)
      }
    }
  }
}
