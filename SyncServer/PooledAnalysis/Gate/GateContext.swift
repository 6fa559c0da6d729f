// SPDX-License-Identifier: Apache-2.0

/// What the gate must know beyond the data cut.
public struct GateContext: Codable, Hashable, Sendable {
  /// The number of this look, from 1.
  public var look: Int
  /// The last gated look before this one; nil for the first.
  public var lastLook: EarlierLook?
  /// When this look is taken, in seconds since 1970; nil where no registry keeps count.
  public var now: Int?
  /// Signatures without which the channel publishes nothing; nil where there is no channel.
  public var signaturesRequired: Int?
  /// When the plan was written, against when the data came; nil outside a registry.
  public var planTiming: PlanTiming?

  /// A look that counted.
  public struct EarlierLook: Codable, Hashable, Sendable {
    /// When it was taken, in seconds since 1970.
    public var at: Int
    /// External patients with the outcome that it saw.
    public var events: Int

    /// Joins the parts.
    public init(at: Int, events: Int) {
      self.at = at
      self.events = events
    }
  }

  private enum CodingKeys: String, CodingKey {
    case look, now
    case lastLook = "last_look"
    case signaturesRequired = "signatures_required"
    case planTiming = "plan_timing"
  }

  /// Joins the parts; the default is a first look outside any registry.
  public init(
    look: Int = 1,
    lastLook: EarlierLook? = nil,
    now: Int? = nil,
    signaturesRequired: Int? = nil,
    planTiming: PlanTiming? = nil
  ) {
    self.look = look
    self.lastLook = lastLook
    self.now = now
    self.signaturesRequired = signaturesRequired
    self.planTiming = planTiming
  }
}
