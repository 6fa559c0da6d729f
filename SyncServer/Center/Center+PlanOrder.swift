// SPDX-License-Identifier: Apache-2.0

import Foundation
import SyncProtocol

extension Center {
  /// Audit entries read at once.
  private static let orderPage = 1_000

  /// Checks by the audit log that a cut's plan was registered before the cut was frozen, and that
  /// the cut was frozen under this plan.
  ///
  /// The table of cuts alone can be edited; the log is a hash tree that sites witness.
  ///
  /// - Throws: `CenterError.planNotBeforeCut`.
  static func checkPlanOrder(
    of cut: DataCutSummary,
    in store: any CenterReading
  ) throws {
    let plan = hexadecimal(cut.planSHA256)
    var isRegistered = false
    var next = 1
    while true {
      let page = try store.auditEntries(from: next, limit: orderPage)
      for entry in page
      where entry.canonical.contains("plan_registered") || entry.canonical.contains("cut_made") {
        guard let json = try? StrictJSON.parse(Data(entry.canonical.utf8)),
          case .object(let members) = json, let subject = members["entity"]?.text
        else { continue }
        switch members["action"]?.text {
        case "plan_registered" where subject == plan: isRegistered = true
        case "cut_made" where subject == cut.id:
          // Cuts of an earlier program do not name their plan in the log.
          let named = members["plan_sha256"]?.text ?? plan
          guard isRegistered, named == plan else {
            throw CenterError.planNotBeforeCut(cut.id)
          }
          return
        default: continue
        }
      }
      guard let last = page.last else { throw CenterError.planNotBeforeCut(cut.id) }
      next = last.sequence + 1
    }
  }
}
