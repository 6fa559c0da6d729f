// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Token buckets by name: each holds a minute's worth of requests and fills at a steady rate.
///
/// Source: the token bucket of Turner, IEEE Commun Mag 1986;24(10):8–15,
/// doi:10.1109/MCOM.1986.1092946, with a bucket as deep as a minute.
package final class TokenBuckets: Sendable {
  /// Names that are kept in one generation; two are kept.
  package static let maximumNames = 8_192
  /// Seconds after which a bucket that nobody touched is full again, and need not be kept.
  private static let secondsToFill = 60.0

  private struct Bucket {
    var tokens: Double
    var at: Double
  }

  private struct Buckets {
    var young: [String: Bucket] = [:]
    var old: [String: Bucket] = [:]
    var turnedAt = 0.0
  }

  private let perMinute: Double
  private let buckets = Mutex(Buckets())

  /// Makes buckets that are full.
  ///
  /// - Parameter perMinute: Requests a minute, at least 1: the depth of a bucket, too.
  package init(perMinute: Int) {
    self.perMinute = Double(max(1, perMinute))
  }

  /// Takes a token of a bucket.
  ///
  /// - Parameters:
  ///   - name: Whose bucket.
  ///   - now: Seconds of a clock that never goes back.
  /// - Returns: Nil when there was one; else the whole seconds until there is, at least 1.
  package func take(_ name: String, now: Double) -> Int? {
    buckets.withLock { buckets in
      var bucket = bucket(name, in: &buckets, now: now)
      defer { buckets.young[name] = bucket }
      guard bucket.tokens >= 1 else { return wait(bucket) }
      bucket.tokens -= 1
      return nil
    }
  }

  /// Says whether a bucket has a token, and takes none.
  ///
  /// - Returns: Nil when it has; else the whole seconds until it has.
  package func wait(_ name: String, now: Double) -> Int? {
    buckets.withLock { buckets in
      let bucket = bucket(name, in: &buckets, now: now)
      return bucket.tokens >= 1 ? nil : wait(bucket)
    }
  }

  /// Gives a token back that was taken for something that turned out not to count.
  package func giveBack(_ name: String, now: Double) {
    buckets.withLock { buckets in
      var bucket = bucket(name, in: &buckets, now: now)
      bucket.tokens = min(bucket.tokens + 1, perMinute)
      buckets.young[name] = bucket
    }
  }

  /// The bucket as it stands now.
  ///
  /// What is older than a minute is full again and falls away; when too many names come within a
  /// minute, the oldest fall away sooner, and memory stays bounded.
  private func bucket(_ name: String, in buckets: inout Buckets, now: Double) -> Bucket {
    if now - buckets.turnedAt >= Self.secondsToFill || buckets.young.count >= Self.maximumNames {
      buckets.old = buckets.young
      buckets.young = [:]
      buckets.turnedAt = now
    }
    guard var bucket = buckets.young[name] ?? buckets.old[name] else {
      return Bucket(tokens: perMinute, at: now)
    }
    let filled = max(0, now - bucket.at) * perMinute / Self.secondsToFill
    bucket.tokens = min(perMinute, bucket.tokens + filled)
    bucket.at = now
    return bucket
  }

  private func wait(_ bucket: Bucket) -> Int {
    max(1, Int(((1 - bucket.tokens) * Self.secondsToFill / perMinute).rounded(.up)))
  }
}
