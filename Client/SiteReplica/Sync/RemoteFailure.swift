// SPDX-License-Identifier: Apache-2.0

public import SyncProtocol

/// Why the centre did not do what was asked.
///
/// Nothing is lost: everything stays to be sent again.
public enum RemoteFailure: Error, Equatable, Sendable {
  /// No whole answer came back.
  case transport(TransportError)
  /// The centre refused, by a signed answer or before it could sign one.
  case refused(status: Int, code: String, message: String)
  /// The centre had too many requests and says when to ask again.
  case busy(retryAfterSeconds: Int)
  /// The answer is not signed by the centre's pinned key: something else answered.
  case notFromCenter(status: Int, reason: String)
  /// The centre speaks a later version of the protocol than this program.
  case versionDiffers(theirs: UInt32, ours: UInt32)
  /// The answer is not one of this protocol.
  case malformedAnswer
  /// The enrolment's answer was not made with the one-time code.
  case wrongEnrollmentCode
  /// The centre's record and this one disagree about a replica that is not this device's.
  case diverged(replica: String)
  /// The exchange did not come to an end within the stated number of requests.
  case tooManyRequests(limit: Int)
}
