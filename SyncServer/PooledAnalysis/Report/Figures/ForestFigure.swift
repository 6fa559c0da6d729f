// SPDX-License-Identifier: Apache-2.0
import Foundation
import RiskModel

/// One measure by site, as journals print it: name, patients, interval, figures.
///
/// Many sites make several drawings, because a drawing cannot break over pages; all have the same
/// scale, and the last one carries the pooled mean.
struct ForestFigure {
  /// One site.
  struct Line: Sendable {
    let name: String
    let counts: String
    let value: Double
    let low: Double
    let high: Double
  }

  let title: String
  let lines: [Line]
  let pooled: PooledEstimate?
  let reference: Double
  let isLogarithmic: Bool
  let words: ReportWords

  static let linesPerDrawing = 40
  private static let rowHeight = 19.0
  private static let top = 40.0
  private static let plot = (left: 148.0, right: 296.0)
  private static let font = SVGCanvas.Font(size: 11)

  func drawings() -> [String] {
    let scale = ForestScale(
      values: lines.flatMap { [$0.low, $0.high] }
        + [
          pooled?.low, pooled?.high, pooled?.predictionLow, pooled?.predictionHigh, reference,
        ].compactMap(\.self),
      isLogarithmic: isLogarithmic,
      left: Self.plot.left,
      width: Self.plot.right - Self.plot.left
    )
    let starts = Array(stride(from: 0, to: max(1, lines.count), by: Self.linesPerDrawing))
    return starts.map { start in
      let own = Array(lines[start..<min(lines.count, start + Self.linesPerDrawing)])
      return drawing(own, scale, isLast: start == starts.last)
    }
  }

  private func drawing(_ lines: [Line], _ scale: ForestScale, isLast: Bool) -> String {
    let rows = Double(lines.count) + (isLast && pooled != nil ? 1.4 : 0)
    let bottom = Self.top + rows * Self.rowHeight
    var canvas = SVGCanvas(width: PlotArea.figureWidth, height: bottom + 28)
    drawHeader(&canvas)
    let x = scale.x(reference)
    canvas.line(x, Self.top - 8, x, bottom, .init(colour: PlotArea.grey, dash: "3 3"))
    for (row, line) in lines.enumerated() {
      draw(line, y: Self.top + 4 + Double(row) * Self.rowHeight, scale, &canvas)
    }
    if isLast, let pooled {
      draw(pooled, y: Self.top + 4 + (Double(lines.count) + 0.3) * Self.rowHeight, scale, &canvas)
    }
    canvas.line(Self.plot.left, bottom, Self.plot.right, bottom)
    for tick in scale.ticks {
      canvas.line(scale.x(tick), bottom, scale.x(tick), bottom + 5)
      let text = Transform.text(tick).replacing("-", with: "−")
      canvas.text(scale.x(tick), bottom + 18, text, .init(size: 10.5), anchor: .middle)
    }
    return canvas.document(title: title, description: words("By site, with 95 % limits"))
  }

  private func drawHeader(_ canvas: inout SVGCanvas) {
    let bold = SVGCanvas.Font(size: 11, isBold: true)
    canvas.text(4, 18, words("Site"), bold)
    canvas.text(140, 18, words("Events/n"), bold, anchor: .end)
    canvas.text((Self.plot.left + Self.plot.right) / 2, 18, title, bold, anchor: .middle)
    canvas.text(396, 18, "95 %", bold, anchor: .end)
    canvas.line(4, 25, 396, 25, .init(width: 0.8))
  }

  private func draw(
    _ line: Line,
    y: Double,
    _ scale: ForestScale,
    _ canvas: inout SVGCanvas
  ) {
    canvas.text(4, y + 4, SVGCanvas.fitted(line.name, Self.font, width: 84), Self.font)
    canvas.text(140, y + 4, line.counts, .init(size: 10), anchor: .end)
    canvas.line(scale.x(line.low), y, scale.x(line.high), y, .init(width: 1.4))
    for (end, isBeyond) in [(line.low, line.low < scale.low), (line.high, line.high > scale.high)]
    where isBeyond {
      let x = scale.x(end)
      let back = end == line.low ? 6.0 : -6.0
      canvas.polygon([(x, y), (x + back, y - 4), (x + back, y + 4)])
    }
    canvas.rectangle(scale.x(line.value) - 3.5, y - 3.5, width: 7, height: 7, fill: "#000")
    let text = words.short(line.value, line.low, line.high)
    canvas.text(396, y + 4, text, .init(size: 10), anchor: .end)
  }

  /// The pooled estimate as a diamond, its prediction interval as an open bar.
  private func draw(
    _ pooled: PooledEstimate,
    y: Double,
    _ scale: ForestScale,
    _ canvas: inout SVGCanvas
  ) {
    canvas.text(4, y + 4, words("pooled"), .init(size: 11, isBold: true))
    if let low = pooled.predictionLow, let high = pooled.predictionHigh {
      canvas.rectangle(
        scale.x(low),
        y - 3,
        width: max(0.5, scale.x(high) - scale.x(low)),
        height: 6,
        fill: PlotArea.pale,
        stroke: .init(width: 0.8, colour: PlotArea.grey)
      )
    }
    canvas.polygon([
      (scale.x(pooled.low), y), (scale.x(pooled.estimate), y - 6), (scale.x(pooled.high), y),
      (scale.x(pooled.estimate), y + 6),
    ])
    let text = words.short(pooled.estimate, pooled.low, pooled.high)
    canvas.text(396, y + 4, text, .init(size: 10, isBold: true), anchor: .end)
  }
}

/// The horizontal scale of a forest plot; values beyond it are drawn at its ends with an arrow.
struct ForestScale {
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
      low = max(0.1, ends.0 * 0.85)
      high = min(10, ends.1 * 1.2)
    } else {
      let margin = max(0.02, (ends.1 - ends.0) * 0.05)
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

  /// Labelled places, none nearer to the next than a label is wide.
  var ticks: [Double] {
    guard isLogarithmic else { return AxisTicks.round(from: low, to: high, about: 4) }
    var kept: [Double] = []
    for tick in [1, 0.5, 2, 0.25, 4, 0.1, 10, 0.7, 1.4] where tick >= low && tick <= high {
      if kept.allSatisfy({ abs(x($0) - x(tick)) >= 26 }) { kept.append(tick) }
    }
    return kept.sorted()
  }
}
