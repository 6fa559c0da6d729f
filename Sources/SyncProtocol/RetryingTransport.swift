// SPDX-License-Identifier: Apache-2.0

/// How often and how patiently a request is repeated.
public struct RetryPolicy: Hashable, Sendable {
  /// The largest number of times a request is sent, at least 1.
  public var maximumAttempts: Int
  /// The longest wait before the second attempt; it doubles from one attempt to the next.
  public var firstDelay: Duration
  /// The longest wait before any attempt.
  public var maximumDelay: Duration

  /// Makes a policy.
  public init(
    maximumAttempts: Int = 4,
    firstDelay: Duration = .milliseconds(500),
    maximumDelay: Duration = .seconds(30)
  ) {
    self.maximumAttempts = max(1, maximumAttempts)
    self.firstDelay = firstDelay
    self.maximumDelay = maximumDelay
  }

  /// The wait after a failed attempt: a random part of a doubling bound ("full jitter").
  ///
  /// - Parameters:
  ///   - attempt: The attempt that failed, from 1.
  ///   - fraction: A random number in [0, 1): sites that failed together come back apart.
  /// - Returns: The wait, at most `maximumDelay`.
  public func delay(after attempt: Int, fraction: Double) -> Duration {
    let doublings = min(max(attempt - 1, 0), 20)
    return min(firstDelay * (1 << doublings), maximumDelay) * fraction
  }
}

/// Repeats a request while the centre is out of reach or overloaded.
///
/// Repeated are `unreachable`, `timedOut`, `interrupted` and the statuses 502, 503 and 504.
/// Everything else, a bad certificate above all, is handed on at once.
public struct RetryingTransport: SyncTransport {
  private let base: any SyncTransport
  private let policy: RetryPolicy
  private let sleep: @Sendable (Duration) async throws -> Void
  private let randomFraction: @Sendable () -> Double

  /// Wraps a transport.
  ///
  /// - Parameters:
  ///   - base: Sends each attempt.
  ///   - policy: How often and how patiently.
  ///   - sleep: Waits; throws when the wait is cancelled, which ends the attempts.
  ///   - randomFraction: Draws a number in [0, 1).
  public init(
    _ base: any SyncTransport,
    policy: RetryPolicy = RetryPolicy(),
    sleep: @escaping @Sendable (Duration) async throws -> Void,
    randomFraction: @escaping @Sendable () -> Double
  ) {
    self.base = base
    self.policy = policy
    self.sleep = sleep
    self.randomFraction = randomFraction
  }

  /// Sends the same bytes until a response comes or the attempts are used up.
  ///
  /// A signed request whose answer was lost is refused as a replay when its bytes come again:
  /// send those with `send(making:)`.
  public func send(
    _ request: HTTPRequestMessage
  ) async throws(TransportError)
    -> TransportResponse
  {
    try await send { _ in request }.response
  }

  /// Sends a request that is made anew, with its own nonce and signature, for each attempt.
  ///
  /// - Parameter make: Makes the request of an attempt, counted from 1.
  /// - Returns: The request that was answered, whose signature the response covers, and the
  ///   response.
  /// - Throws: The error of the last attempt; `interrupted` when a wait was cancelled.
  public func send(
    making make: (_ attempt: Int) -> HTTPRequestMessage
  )
    async throws(TransportError) -> (request: HTTPRequestMessage, response: TransportResponse)
  {
    var attempt = 1
    while true {
      let request = make(attempt)
      let isLast = attempt >= policy.maximumAttempts
      do throws(TransportError) {
        let response = try await base.send(request)
        guard !isLast, [502, 503, 504].contains(response.status) else {
          return (request, response)
        }
      } catch {
        guard !isLast, error.isWorthRepeating else { throw error }
      }
      guard await waits(after: attempt) else { throw .interrupted }
      attempt += 1
    }
  }

  /// Waits before the next attempt; false when the wait was cancelled.
  private func waits(after attempt: Int) async -> Bool {
    do {
      try await sleep(policy.delay(after: attempt, fraction: randomFraction()))
      return true
    } catch {
      return false
    }
  }
}

extension TransportError {
  /// Whether the same request may succeed a little later.
  public var isWorthRepeating: Bool {
    switch self {
    case .unreachable, .timedOut, .interrupted: true
    case .untrustedCertificate, .proxyRefused, .tooLarge, .malformedURL: false
    }
  }
}
