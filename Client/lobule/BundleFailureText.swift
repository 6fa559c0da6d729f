// SPDX-License-Identifier: Apache-2.0

import CommandSupport
import SiteReplica

/// Says why a bundle as a whole was not taken.
enum BundleFailureText {
  static func describe(_ fault: BundleFault) -> CommandFailure {
    switch fault {
    case .form:
      CommandFailure(
        .refused,
        what: "The file is no bundle, or ends before its first change",
        todo: "Copy it again; nothing was taken"
      )
    case .forCenter:
      CommandFailure(
        .refused,
        what: "The bundle is for the centre",
        todo: "Carry it there, and read here what lobule-center bundle write makes"
      )
    case .anotherSite(let site):
      CommandFailure(
        .refused,
        what: "The bundle is another site's",
        to: site,
        todo: "Ask the coordinating centre for this site's; nothing was taken"
      )
    case .signature(let keyID):
      CommandFailure(
        .refused,
        what: "The bundle does not bear the signature of this device's centre",
        to: keyID,
        todo: "Nothing was taken; tell the coordinating centre"
      )
    }
  }
}
