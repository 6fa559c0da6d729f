// SPDX-License-Identifier: Apache-2.0

import Center
import SyncProtocol

/// A refusal as it leaves: status, code and sentences for people.
package struct ServiceRefusal: Error, Equatable {
  let status: Int
  let code: String
  let message: String
  /// Seconds after which to ask again; nil when time does not help.
  let retryAfter: Int?

  init(_ status: Int, _ code: String, _ message: String, retryAfter: Int? = nil) {
    self.status = status
    self.code = code
    self.message = message
    self.retryAfter = retryAfter
  }

  static let notFound = ServiceRefusal(
    404,
    "not_found",
    "There is nothing at this address. Check the server's address and the program's version."
  )
  static let methodNotAllowed = ServiceRefusal(
    405,
    "method_not_allowed",
    "This address does not take this method. Check the program's version."
  )
  static let tooLarge = ServiceRefusal(
    413,
    "body_too_large",
    "The request is larger than the centre takes. Send fewer batches at once."
  )
  static let targetTooLong = ServiceRefusal(
    414,
    "target_too_long",
    "The address is longer than any of ours."
  )
  static let packed = ServiceRefusal(
    415,
    "content_encoding",
    "The body must not be compressed."
  )
  static let malformed = ServiceRefusal(
    400,
    "malformed_request",
    "The request could not be read. Check the program's version."
  )
  static func laterVersion(_ version: UInt32) -> ServiceRefusal {
    ServiceRefusal(
      400,
      "wire_version",
      "This centre speaks version \(SyncProtocolVersion.number) of the protocol, the device "
        + "version \(version). Upgrade the centre first."
    )
  }
  static func tooMany(_ seconds: Int) -> ServiceRefusal {
    ServiceRefusal(
      429,
      "too_many_requests",
      "There were too many requests. Nothing was taken; try again in \(seconds) seconds.",
      retryAfter: seconds
    )
  }
  static let unavailable = ServiceRefusal(
    503,
    "unavailable",
    "The centre cannot read or write its store now. Nothing was taken; try again later."
  )
}

extension ServiceRefusal {
  init(_ refusal: SignatureRefusal) {
    let (status, message) = Self.verdict(refusal)
    self.init(status, refusal.rawValue, message)
  }

  private static func verdict(_ refusal: SignatureRefusal) -> (Int, String) {
    switch refusal {
    case .missingOrRepeatedHost:
      (400, "The request names no host, or more than one.")
    case .keyRevoked:
      (403, "The key of this device was revoked. Ask the coordinating centre for a new code.")
    case .forbidden:
      (403, "The key of this device may not do this. A device reaches its own site only.")
    case .clockWindow, .expired:
      (401, "The request was signed at another time than the centre's. Set this computer's clock.")
    case .authority:
      (421, "The request names a host that is not this centre's. Check the server's address.")
    case .unknownKey:
      (401, "The centre does not know the key of this device. Enrol the device first.")
    default:
      (401, "The signature of the request was refused. Something between may have changed it.")
    }
  }

  init(_ error: CenterError) {
    switch error {
    case .enrolment(let refusal): self.init(refusal)
    case .rotation(let refusal): self.init(refusal)
    case .revokedSite:
      self.init(
        403,
        SignatureRefusal.keyRevoked.rawValue,
        "The site or the key of this device was revoked. Ask the coordinating centre."
      )
    case .replayed: self.init(SignatureRefusal.replay)
    case .unknownSite:
      self.init(403, SignatureRefusal.forbidden.rawValue, "The centre does not know this site.")
    case .channelDocument:
      self.init(404, "no_model", "The centre has released no model yet. Try again later.")
    case .inUse:
      self.init(
        503,
        "in_use",
        "The centre's store is in use. Nothing was taken; try again in a minute."
      )
    default: self = .unavailable
    }
  }

  private init(_ refusal: RotationRefusal) {
    let message =
      switch refusal {
      case .malformed: "The new key could not be read. Check the program's version."
      case .keyInUse: "The new key is enrolled already. Ask for a new key once more."
      case .rotatedAlready:
        "This device was given another key already. Ask the coordinating centre for a new code."
      }
    self.init(refusal == .malformed ? 400 : 403, refusal.rawValue, message)
  }

  private init(_ refusal: EnrolmentRefusal) {
    let message =
      switch refusal {
      case .wrongCode:
        "The enrolment code does not fit this site. Check the code and the site's code."
      case .usedCode:
        "The enrolment code was used before. Ask the coordinating centre for another one."
      case .expiredCode:
        "The enrolment code has expired. Ask the coordinating centre for another one."
      case .revokedSite: "The site was revoked. Ask the coordinating centre."
      case .revokedKey: "The key of this device was revoked. Make a new store and enrol it."
      case .keyOfAnotherSite:
        "The key of this device belongs to another site. Make a new store and enrol it."
      case .malformed: "The enrolment could not be read. Check the program's version."
      }
    self.init(refusal == .malformed ? 400 : 403, refusal.rawValue, message)
  }
}
