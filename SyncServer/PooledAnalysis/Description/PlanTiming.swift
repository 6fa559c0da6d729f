// SPDX-License-Identifier: Apache-2.0

/// When the plan was written, against when the data came.
///
/// All times in seconds since 1970, by the centre's clock.
public struct PlanTiming: Codable, Hashable, Sendable {
  /// When the plan was first registered.
  public var planRegistered: Int
  /// When the cut was frozen.
  public var cutMade: Int
  /// When the first changes of any site came; nil where none is recorded.
  public var firstReceived: Int?
  /// When the last changes before the cut came.
  public var lastReceived: Int?
  /// Changesets received before the plan was registered.
  public var changesetsBefore: Int
  /// Changesets received from then to the cut.
  public var changesetsAfter: Int

  /// Whether the plan was there before any data.
  public var isPlanFirst: Bool { changesetsBefore == 0 }

  private enum CodingKeys: String, CodingKey {
    case planRegistered = "plan_registered"
    case cutMade = "cut_made"
    case firstReceived = "first_received"
    case lastReceived = "last_received"
    case changesetsBefore = "changesets_before"
    case changesetsAfter = "changesets_after"
  }

  /// Joins the parts.
  public init(
    planRegistered: Int,
    cutMade: Int,
    firstReceived: Int?,
    lastReceived: Int?,
    changesetsBefore: Int,
    changesetsAfter: Int
  ) {
    self.planRegistered = planRegistered
    self.cutMade = cutMade
    self.firstReceived = firstReceived
    self.lastReceived = lastReceived
    self.changesetsBefore = changesetsBefore
    self.changesetsAfter = changesetsAfter
  }
}
