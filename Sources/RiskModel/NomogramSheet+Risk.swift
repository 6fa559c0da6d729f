// SPDX-License-Identifier: Apache-2.0
import Foundation

extension NomogramSheet {
  private static let risks: [Double] = [
    0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99,
  ]
  /// Labels nearer than this run into each other.
  private static let labelDistance = 22.0

  /// The total points and risk axes, the cut-off and this patient's interval.
  mutating func drawTotals() {
    let rows = release.predictors.count
    drawTotalAxis(row: rows + 1)
    drawRiskAxis(row: rows + 2)
    drawCutoff(row: rows + 2)
    if let score { drawPatient(score, total: row(rows + 1), risk: row(rows + 2)) }
  }

  private mutating func drawTotalAxis(row index: Int) {
    let y = row(index)
    canvas.line(Self.left, y - 30, Self.right, y - 30, .init(width: 0.5, colour: Self.pale))
    label(index, "Total points", "sum of the points above")
    canvas.line(x(total: 0), y, x(total: totalAxisEnd), y)
    for step in 0...Int(totalAxisEnd / 10) {
      let total = Double(step) * 10
      let isMajor = step % 2 == 0
      canvas.line(x(total: total), y, x(total: total), y - (isMajor ? 7 : 4))
      if isMajor {
        canvas.text(
          x(total: total),
          y - 11,
          Transform.text(total),
          .init(size: 10),
          anchor: .middle
        )
      }
    }
  }

  private func x(risk: Double) -> Double {
    x(total: nomogram.total(ofLinearPredictor: log(risk / (1 - risk))))
  }

  private mutating func drawRiskAxis(row index: Int) {
    let y = row(index)
    label(index, "Predicted risk", "probability of the outcome")
    canvas.line(x(total: 0), y, x(total: totalAxisEnd), y)
    var lastLabel = -Double.infinity
    for risk in Self.risks {
      let place = x(risk: risk)
      guard place >= Self.axisStart - 0.5, place <= Self.axisEnd + 0.5 else { continue }
      canvas.line(place, y, place, y + 6)
      if place - lastLabel >= Self.labelDistance {
        canvas.text(place, y + 17, Transform.text(risk), .init(size: 10), anchor: .middle)
        lastLabel = place
      }
    }
  }

  private mutating func drawCutoff(row index: Int) {
    let place = x(risk: release.cutoff)
    guard place > Self.axisStart, place < Self.axisEnd else { return }
    let y = row(index)
    // Broken where the axis labels stand.
    canvas.line(place, y - 14, place, y + 7, .init(width: 1, colour: Self.grey, dash: "4 2"))
    canvas.line(place, y + 22, place, y + 36, .init(width: 1, colour: Self.grey, dash: "4 2"))
    // A refit's cut-off has as many digits as a double; three decimals are enough to read.
    let cutoff = (release.cutoff * 1000).rounded() / 1000
    let text = "high risk: ≥ \(Transform.text(cutoff))"
    canvas.text(place + 4, y + 33, text, .init(size: 10, colour: Self.grey))
    canvas.text(place - 4, y + 33, "low risk", .init(size: 10, colour: Self.grey), anchor: .end)
  }

  private mutating func drawPatient(_ score: Score, total y: Double, risk riskY: Double) {
    let mark = clipped(x(total: score.points))
    canvas.line(mark, y + 5, mark, riskY - 6, .init(width: 1, dash: "2 3"))
    canvas.circle(mark, y, radius: 4.5)
    drawInterval(score, y: riskY)
    canvas.circle(mark, riskY, radius: 4.5)

    canvas.text(
      Self.right,
      y + 4,
      SVGCanvas.fixed(score.points, 1),
      .init(size: 12, isBold: true),
      anchor: .end
    )
    func percent(_ probability: Double) -> String { SVGCanvas.fixed(100 * probability, 1) }
    canvas.text(
      Self.column,
      riskY + 4,
      "\(percent(score.probability)) %",
      .init(size: 17, isBold: true)
    )
    canvas.text(
      Self.right,
      riskY + 4,
      "\(score.riskGroup) risk",
      .init(size: 12, isBold: true),
      anchor: .end
    )
    canvas.text(
      Self.column,
      riskY + 19,
      "95 % interval \(percent(score.probabilityLow)) to \(percent(score.probabilityHigh)) %",
      .init(size: 10)
    )
  }

  /// A bar from the lower to the upper limit; an arrowhead says that a limit lies off the axis.
  private mutating func drawInterval(_ score: Score, y: Double) {
    let low = x(risk: score.probabilityLow)
    let high = x(risk: score.probabilityHigh)
    let ends = (clipped(low), clipped(high))
    canvas.rectangle(ends.0, y - 2.5, width: ends.1 - ends.0, height: 5, fill: "#999")
    for (place, isOff, direction) in [
      (ends.0, low < Self.axisStart, -1.0), (ends.1, high > Self.axisEnd, 1.0),
    ] {
      if isOff {
        let tip = place + direction * 12
        canvas.polygon([(place, y - 5), (tip, y), (place, y + 5)], fill: "#777")
      } else {
        canvas.line(place, y - 6, place, y + 6, .init(width: 1.2, colour: "#555"))
      }
    }
  }

  private func clipped(_ place: Double) -> Double { min(Self.axisEnd, max(Self.axisStart, place)) }

  /// The statement on use, the caution and this patient's warnings.
  mutating func drawFooting() {
    let top = row(release.predictors.count + 2) + 58
    canvas.rectangle(
      Self.left,
      top,
      width: Self.right - Self.left,
      height: canvas.height - top - 28,
      fill: "none",
      stroke: .init(width: 1)
    )
    let width = Self.right - Self.left - 24
    var y = canvas.paragraph(
      Self.left + 12,
      top + 18,
      release.statement,
      .init(size: 11.5, isBold: true),
      width: width
    )
    var notes = [release.outcome.caution]
    let own = score?.warnings ?? release.warnings
    notes += own.filter { $0 != release.statement && $0 != release.outcome.caution }
    y += 1
    for note in notes where y < canvas.height - 34 {
      y = canvas.paragraph(Self.left + 12, y, note, .init(size: 10), width: width)
    }
    canvas.text(
      Self.left,
      canvas.height - 12,
      "Status: \(release.status)",
      .init(size: 10, colour: Self.grey)
    )
  }
}
