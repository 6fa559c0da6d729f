// SPDX-License-Identifier: Apache-2.0

/// How many requests are taken: of each key, and of each address from which refused ones come.
///
/// A key's bucket is charged only for requests that its own device signed, so that nobody can use
/// up another's. A request that is signed well is never refused for what others at its address do:
/// a whole hospital may stand behind one proxy.
package final class RequestRates: Sendable {
  private let keys: TokenBuckets
  private let failures: TokenBuckets
  private let enrolments: TokenBuckets
  private let clock: @Sendable () -> Double

  /// Makes full buckets.
  ///
  /// - Parameters:
  ///   - limits: The rates.
  ///   - clock: Seconds of a clock that never goes back.
  package init(_ limits: ServiceLimits, clock: @escaping @Sendable () -> Double) {
    keys = TokenBuckets(perMinute: limits.requestsPerMinute)
    failures = TokenBuckets(perMinute: limits.failuresPerMinute)
    enrolments = TokenBuckets(perMinute: limits.enrolmentsPerMinute)
    self.clock = clock
  }

  /// Charges a key for a request that it signed.
  ///
  /// - Throws: The refusal when it asks too often.
  func charge(key keyID: String) throws(ServiceRefusal) {
    if let seconds = keys.take(keyID, now: clock()) { throw .tooMany(seconds) }
  }

  /// Takes a charge back: somebody else sent the device's request a second time.
  func uncharge(key keyID: String) {
    keys.giveBack(keyID, now: clock())
  }

  /// Charges an address for an attempt to enrol.
  ///
  /// - Throws: The refusal when too many have failed from there.
  func chargeEnrolment(from caller: String) throws(ServiceRefusal) {
    if let seconds = enrolments.take(caller, now: clock()) { throw .tooMany(seconds) }
  }

  /// Takes a charge back: the device knew a good code.
  func unchargeEnrolment(from caller: String) {
    enrolments.giveBack(caller, now: clock())
  }

  /// Charges an address for a request that was refused.
  ///
  /// - Returns: The refusal to give instead when too many came from there.
  func chargeFailure(from caller: String) -> ServiceRefusal? {
    failures.take(caller, now: clock()).map(ServiceRefusal.tooMany)
  }

  /// The refusal of a request without a signature when too many came from its address already.
  func refusalOfUnsigned(from caller: String) -> ServiceRefusal? {
    failures.wait(caller, now: clock()).map(ServiceRefusal.tooMany)
  }
}
