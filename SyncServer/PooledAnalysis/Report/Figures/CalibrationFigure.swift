// SPDX-License-Identifier: Apache-2.0
import Foundation
import RiskModel

/// Observed share by predicted risk: points with Wilson limits where risks are few, else loess.
struct CalibrationFigure {
  let figures: ReportFigures
  let words: ReportWords

  func svg() -> String {
    var plot = PlotArea(height: 380, x: 0...1, y: 0...1)
    if !figures.smooth.isEmpty { drawBand(&plot) }
    plot.drawAxes(xTitle: words("Predicted risk"), yTitle: words("Observed share"), count: 5)
    plot.drawDiagonal()
    drawPoints(&plot)
    if !figures.smooth.isEmpty {
      let curve = figures.smooth.map { (plot.x($0.risk), plot.y(clipped($0.observed))) }
      plot.canvas.polyline(curve, .init(width: 1.8))
    }
    return plot.canvas.document(
      title: words("Calibration"),
      description: words("Observed share by predicted risk")
    )
  }

  private func clipped(_ share: Double) -> Double { min(1, max(0, share)) }

  private func drawBand(_ plot: inout PlotArea) {
    let upper = figures.smooth.map { (plot.x($0.risk), plot.y(clipped($0.high))) }
    let lower = figures.smooth.map { (plot.x($0.risk), plot.y(clipped($0.low))) }
    plot.canvas.polygon(upper + lower.reversed(), fill: PlotArea.pale)
  }

  private func drawPoints(_ plot: inout PlotArea) {
    let points = figures.calibrationPoints
    let largest = Double(points.map(\.n).max() ?? 1)
    for own in points {
      let x = plot.x(own.risk)
      plot.canvas.line(x, plot.y(own.low), x, plot.y(own.high), .init(width: 1.2))
      for end in [own.low, own.high] {
        plot.canvas.line(x - 3, plot.y(end), x + 3, plot.y(end), .init(width: 1.2))
      }
      plot.canvas.circle(
        x,
        plot.y(Double(own.events) / Double(own.n)),
        radius: 2.5 + 4.5 * (Double(own.n) / largest).squareRoot(),
        fill: "#fff",
        stroke: .init(width: 1.5)
      )
    }
  }
}
