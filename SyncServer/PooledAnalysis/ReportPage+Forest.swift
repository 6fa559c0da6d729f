// SPDX-License-Identifier: Apache-2.0
import Foundation
import RiskModel

extension ReportPage {
  /// One line of the forest plot.
  struct ForestLine {
    let label: String
    /// Estimate and limits of each panel; nil where not computed.
    let values: [(Double, Double, Double)?]
  }

  /// A panel of the forest plot.
  private struct ForestPanel {
    let title: String
    let pooled: PooledEstimate?
    let reference: Double?
    let isLogarithmic: Bool
  }

  var forestLines: [ForestLine] {
    report.bySite.filter { !$0.development && !$0.isSmall }.map { group in
      let own = group.performance
      let calibration = own.calibration
      var slope: (Double, Double, Double)?
      if let value = calibration?.slope, let se = calibration?.slopeSE {
        slope = (value, value - 1.96 * se, value + 1.96 * se)
      }
      return ForestLine(
        label: "\(group.site ?? "") (\(own.events)/\(own.n))",
        values: [
          Self.triple(own.auc?.estimate, own.auc?.low, own.auc?.high), slope,
          Self.triple(calibration?.oe, calibration?.oeLow, calibration?.oeHigh),
        ]
      )
    }
  }

  private static func triple(
    _ value: Double?,
    _ low: Double?,
    _ high: Double?
  ) -> (Double, Double, Double)? {
    guard let value, let low, let high else { return nil }
    return (value, low, high)
  }

  func forestFigure() -> String {
    let lines = forestLines
    let rowHeight = 26.0
    let height = 92 + Double(lines.count) * rowHeight
    var canvas = SVGCanvas(width: 790, height: height)
    let panels = [
      ForestPanel(title: "AUC", pooled: report.pooled.auc, reference: 0.5, isLogarithmic: false),
      ForestPanel(
        title: "Calibration slope",
        pooled: report.pooled.slope,
        reference: 1,
        isLogarithmic: false
      ),
      ForestPanel(title: "O:E", pooled: report.pooled.oe, reference: 1, isLogarithmic: true),
    ]
    for (index, line) in lines.enumerated() {
      canvas.text(8, 44 + Double(index) * rowHeight, line.label, .init(size: 11))
    }
    canvas.text(
      8,
      44 + Double(lines.count) * rowHeight,
      "pooled",
      .init(size: 11, isBold: true)
    )
    for (index, panel) in panels.enumerated() {
      let left = 140 + Double(index) * 218
      draw(panel, index, lines, left: left, rowHeight: rowHeight, on: &canvas)
    }
    return canvas.document(title: "Forest plot", description: "Performance by site, 95 % limits")
  }

  private func draw(
    _ panel: ForestPanel,
    _ index: Int,
    _ lines: [ForestLine],
    left: Double,
    rowHeight: Double,
    on canvas: inout SVGCanvas
  ) {
    let width = 192.0
    let bottom = 52 + Double(lines.count) * rowHeight
    let scale = ForestScale(
      values: lines.compactMap { $0.values[index] }.flatMap { [$0.1, $0.2] }
        + [
          panel.pooled?.low, panel.pooled?.high, panel.reference, panel.pooled?.predictionLow,
          panel.pooled?.predictionHigh,
        ].compactMap(\.self),
      isLogarithmic: panel.isLogarithmic,
      left: left,
      width: width
    )
    canvas.text(left + width / 2, 16, panel.title, .init(size: 12, isBold: true), anchor: .middle)
    if let reference = panel.reference {
      let x = scale.x(reference)
      canvas.line(x, 26, x, bottom, .init(width: 0.8, colour: "#777", dash: "3 3"))
    }
    for (row, line) in lines.enumerated() {
      guard let (value, low, high) = line.values[index] else { continue }
      let y = 40 + Double(row) * rowHeight
      canvas.line(scale.x(low), y, scale.x(high), y, .init(width: 1.4))
      canvas.rectangle(scale.x(value) - 3.5, y - 3.5, width: 7, height: 7, fill: "#000")
    }
    if let pooled = panel.pooled {
      draw(pooled, y: 40 + Double(lines.count) * rowHeight, on: scale, &canvas)
    }
    canvas.line(left, bottom, left + width, bottom)
    for tick in scale.ticks {
      let x = scale.x(tick)
      canvas.line(x, bottom, x, bottom + 5)
      canvas.text(x, bottom + 17, Transform.text(tick), .init(size: 10), anchor: .middle)
    }
  }

  /// The pooled estimate as a diamond, its prediction interval as a bar.
  private func draw(
    _ pooled: PooledEstimate,
    y: Double,
    on scale: ForestScale,
    _ canvas: inout SVGCanvas
  ) {
    if let low = pooled.predictionLow, let high = pooled.predictionHigh {
      canvas.rectangle(
        scale.x(low),
        y - 2,
        width: max(0, scale.x(high) - scale.x(low)),
        height: 4,
        fill: "#bbb"
      )
    }
    canvas.polygon([
      (scale.x(pooled.low), y), (scale.x(pooled.estimate), y - 6), (scale.x(pooled.high), y),
      (scale.x(pooled.estimate), y + 6),
    ])
  }
}

/// The horizontal scale of a forest panel; values beyond it are drawn at its ends.
private struct ForestScale {
  let low: Double
  let high: Double
  let isLogarithmic: Bool
  let left: Double
  let width: Double

  init(values: [Double], isLogarithmic: Bool, left: Double, width: Double) {
    self.isLogarithmic = isLogarithmic
    self.left = left
    self.width = width
    let ends = (values.min() ?? 0, values.max() ?? 1)
    if isLogarithmic {
      low = max(0.05, ends.0 * 0.8)
      high = min(20, ends.1 * 1.25)
    } else {
      let margin = max(0.02, (ends.1 - ends.0) * 0.06)
      low = max(-2, ends.0 - margin)
      high = min(4, ends.1 + margin)
    }
  }

  func x(_ value: Double) -> Double {
    let kept = min(high, max(low, value))
    let share =
      isLogarithmic
      ? (log(kept) - log(low)) / (log(high) - log(low)) : (kept - low) / (high - low)
    return left + width * share
  }

  var ticks: [Double] {
    guard isLogarithmic else { return AxisTicks.round(from: low, to: high, about: 4) }
    return [0.1, 0.25, 0.5, 0.7, 1, 1.4, 2, 4, 10].filter { $0 >= low && $0 <= high }
  }
}
