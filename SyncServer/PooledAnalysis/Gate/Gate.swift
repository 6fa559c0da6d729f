// SPDX-License-Identifier: Apache-2.0
import Biostatistics
import Foundation

/// Whether one criterion of the gate is met.
public struct GateResult: Codable, Hashable, Sendable {
  /// The criterion's key.
  public var criterion: String
  /// What is asked, in words.
  public var label: String
  /// The computed value; absent when there is none.
  public var value: Double?
  /// The limit, for example `≥ 3` or `0.8 to 1.25`.
  public var limit: String
  /// Whether the condition is met.
  public var pass: Bool
  /// What belongs to the value: its interval, the site it is of, or why it is absent.
  public var note: String?

  private enum CodingKeys: String, CodingKey {
    case criterion, label, value, limit, pass, note
  }

  /// Writes `value` as null when there is none, so that its absence is seen.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(criterion, forKey: .criterion)
    try container.encode(label, forKey: .label)
    try container.encode(value, forKey: .value)
    try container.encode(limit, forKey: .limit)
    try container.encode(pass, forKey: .pass)
    try container.encodeIfPresent(note, forKey: .note)
  }
}

/// Holds the evidence on a candidate against the plan's conditions.
package struct Gate: Sendable {
  let rules: GateRules
  let evidence: UpdateEvidence
  let context: GateContext

  /// Asks every condition, in the order of their letters.
  package static func evaluate(
    _ rules: GateRules,
    evidence: UpdateEvidence,
    context: GateContext
  ) -> [GateResult] {
    let gate = Gate(rules: rules, evidence: evidence, context: context)
    return gate.enoughEvidence + [gate.improvement] + gate.calibration + gate.netBenefit
      + [gate.worstSite] + gate.discrimination + [gate.signatures, gate.look]
  }

  private static func text(_ number: Double) -> String { String(format: "%g", number) }
}

extension Gate {
  private var enoughEvidence: [GateResult] {
    let large = evidence.sites.count {
      $0.events >= rules.sites.events && $0.nonEvents >= rules.sites.nonEvents
    }
    let isReEstimated = evidence.step == .reEstimate
    let needed = isReEstimated ? rules.reEstimation : rules.recalibration
    let purpose = isReEstimated ? "to change coefficients" : "to recalibrate"
    return [
      atLeast(
        "external_sites",
        "(a) External sites with at least \(rules.sites.events) events and "
          + "\(rules.sites.nonEvents) non-events",
        large,
        rules.sites.minimum
      ),
      atLeast(
        "external_events",
        "(a) External patients with the outcome, \(purpose)",
        evidence.events,
        needed.events
      ),
      atLeast(
        "external_non_events",
        "(a) External patients without the outcome, \(purpose)",
        evidence.nonEvents,
        needed.nonEvents
      ),
    ]
  }

  private func atLeast(_ key: String, _ label: String, _ count: Int, _ limit: Int) -> GateResult {
    GateResult(
      criterion: key,
      label: label,
      value: Double(count),
      limit: "≥ \(limit)",
      pass: count >= limit
    )
  }

  private var improvement: GateResult {
    let rule = rules.improvement
    let pooled = evidence.logLossDifference
    let upper = pooled?.upperLimit(confidence: rule.confidence)
    let percent = Self.text(rule.confidence * 100)
    return GateResult(
      criterion: "log_loss_difference",
      label: "(b) One-sided \(percent) % limit of the difference in mean log loss, "
        + "candidate − incumbent, sites left out",
      value: upper,
      limit: "< \(Self.text(rule.below))",
      pass: upper.map { $0 < rule.below } ?? false,
      note: pooled.map {
        String(
          format: "estimate %.4f, SE %.4f, SD between sites %.4f, %d sites",
          $0.estimate,
          $0.se,
          $0.tau,
          $0.sites
        )
      } ?? evidence.absence
    )
  }

  private var calibration: [GateResult] {
    [
      within("slope", "(c) Calibration slope, sites left out, pooled", evidence.slope),
      within("o_e", "(c) O:E, sites left out, pooled", evidence.oe),
    ]
  }

  private func within(_ key: String, _ label: String, _ pooled: PooledEstimate?) -> GateResult {
    let limits = rules.calibration
    return GateResult(
      criterion: key,
      label: label,
      value: pooled?.estimate,
      limit: "\(Self.text(limits.atLeast)) to \(Self.text(limits.atMost))",
      pass: pooled.map { $0.estimate >= limits.atLeast && $0.estimate <= limits.atMost } ?? false,
      note: pooled.map { estimate in
        var text = String(format: "95 %% CI %.3f to %.3f", estimate.low, estimate.high)
        if let low = estimate.predictionLow, let high = estimate.predictionHigh {
          text += String(format: ", prediction interval %.3f to %.3f", low, high)
        }
        return text
      } ?? evidence.absence
    )
  }
}

extension Gate {
  private var netBenefit: [GateResult] {
    rules.netBenefit.thresholds.map { threshold in
      let found = evidence.netBenefit.first { $0.threshold == threshold }
      let percent = Self.text(rules.netBenefit.confidence * 100)
      return GateResult(
        criterion: "net_benefit_\(Self.text(threshold))",
        label: "(d) No harm shown at threshold \(Self.text(threshold)): upper \(percent) % limit "
          + "of the net-benefit difference",
        value: found?.high,
        limit: "≥ 0",
        pass: found.map { $0.high >= 0 } ?? false,
        note: found.map { String(format: "difference %.4f, from %.4f", $0.difference, $0.low) }
          ?? evidence.absence
      )
    }
  }

  private var worstSite: GateResult {
    let rule = rules.worstSite
    let asked = evidence.sites.filter {
      $0.events >= rule.events && $0.nonEvents >= rule.nonEvents
    }
    let harmed = asked.filter { $0.difference > rule.worseBy && $0.low > 0 }
    let worst = (harmed.isEmpty ? asked : harmed).max { $0.difference < $1.difference }
    return GateResult(
      criterion: "worst_site",
      label: "(e) Sites with at least \(rule.events) events and \(rule.nonEvents) non-events: "
        + "greatest rise in mean log loss",
      value: worst?.difference,
      limit: "≤ \(Self.text(rule.worseBy)), or not shown",
      pass: harmed.isEmpty && !evidence.sites.isEmpty,
      note: worst.map {
        String(format: "%@: 95 %% CI %.4f to %.4f", $0.site, $0.low, $0.high)
      } ?? evidence.absence ?? "no site is large enough"
    )
  }

  private var discrimination: [GateResult] {
    let difference = evidence.aucDifference
    return [
      GateResult(
        criterion: "separation",
        label: "(f) Fits of the candidate with separated or failed terms",
        value: Double(evidence.separatedFits),
        limit: "0",
        pass: evidence.separatedFits == 0
      ),
      GateResult(
        criterion: "auc_difference",
        label: "(f) AUC difference, candidate − incumbent, within left-out sites",
        value: difference,
        limit: "> \(Self.text(rules.aucDifferenceAbove))",
        pass: difference.map { $0 > rules.aucDifferenceAbove } ?? false,
        note: difference == nil ? evidence.absence : nil
      ),
    ]
  }

  private var signatures: GateResult {
    let required = context.signaturesRequired
    return GateResult(
      criterion: "signatures",
      label: "(g) Signatures without which nothing is released",
      value: required.map(Double.init),
      limit: "≥ \(rules.signatures)",
      pass: required.map { $0 >= rules.signatures } ?? false,
      note: required == nil ? "no release channel here" : nil
    )
  }

  private var look: GateResult {
    let rule = rules.look
    let fresh = context.lastLook.map { evidence.events - $0.events }
    let months = context.lastLook.flatMap { last in
      context.now.map { Double($0 - last.at) / (86_400 * 365.25 / 12) }
    }
    let isDue =
      context.lastLook == nil || (fresh ?? 0) >= rule.events
      || (months ?? 0) >= Double(rule.months)
    return GateResult(
      criterion: "look",
      label: "Look \(context.look): events since the last one",
      value: fresh.map(Double.init),
      limit: "first look, ≥ \(rule.events) new events, or ≥ \(rule.months) months",
      pass: isDue,
      note: months.map { String(format: "%.1f months since the last look", $0) } ?? "first look"
    )
  }
}
