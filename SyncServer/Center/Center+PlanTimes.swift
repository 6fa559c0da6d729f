// SPDX-License-Identifier: Apache-2.0

import Foundation
import SyncProtocol

/// When a cut's plan was registered and when its data came, in seconds since 1970.
public struct PlanTimes: Equatable, Sendable {
  /// When the plan was first registered.
  public let planRegistered: Int
  /// When the cut was frozen.
  public let cutMade: Int
  /// When the first changes came; nil where no push is recorded.
  public var firstReceived: Int?
  /// When the last changes before the cut came.
  public var lastReceived: Int?
  /// Changesets received before the plan was registered.
  public var changesetsBefore = 0
  /// Changesets received from then to the cut.
  public var changesetsAfter = 0
}

extension Center {
  /// Audit entries read at once.
  private static let planPage = 1_000

  /// When the plan of a cut was registered, and when the data came.
  ///
  /// The plan's time is that of its first entry in the audit log, so that registering it again
  /// changes nothing.
  ///
  /// - Throws: `CenterError.unknownCut`, or what the store throws.
  public func planTimes(of id: String) throws(CenterError) -> PlanTimes {
    try store.read { store in
      guard let cut = try store.cut(id) else { throw CenterError.unknownCut(id) }
      let registered = try Self.registration(of: cut.planSHA256, in: store) ?? cut.madeAt
      var times = PlanTimes(planRegistered: registered, cutMade: cut.madeAt)
      for site in try store.sites() {
        for receipt in try store.receipts(site: site.code, limit: .max)
        where receipt.acceptedChangesets > 0 && receipt.receivedAt <= cut.madeAt {
          times.add(receipt)
        }
      }
      return times
    }
  }

  /// When the audit log first names a plan as registered.
  private static func registration(
    of sha256: Data,
    in store: any CenterReading
  ) throws -> Int? {
    let subject = hexadecimal(sha256)
    var next = 1
    while true {
      let page = try store.auditEntries(from: next, limit: planPage)
      for entry in page where entry.canonical.contains(subject) {
        guard
          let json = try? StrictJSON.parse(Data(entry.canonical.utf8), maximumBytes: 1 << 20),
          case .object(let members) = json,
          members["action"]?.text == "plan_registered", members["entity"]?.text == subject,
          case .number(let at) = members["at"]
        else { continue }
        return Int(at)
      }
      guard page.count == planPage, let last = page.last else { return nil }
      next = last.sequence + 1
    }
  }
}

extension PlanTimes {
  fileprivate mutating func add(_ receipt: Receipt) {
    firstReceived = min(firstReceived ?? receipt.receivedAt, receipt.receivedAt)
    lastReceived = max(lastReceived ?? receipt.receivedAt, receipt.receivedAt)
    if receipt.receivedAt < planRegistered {
      changesetsBefore += receipt.acceptedChangesets
    } else {
      changesetsAfter += receipt.acceptedChangesets
    }
  }
}
