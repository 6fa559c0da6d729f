// SPDX-License-Identifier: Apache-2.0
import RiskModel

/// Net benefit by threshold probability.
struct DecisionFigure {
  let points: [DecisionPoint]
  let thresholds: [Double]
  let words: ReportWords

  private static let floor = -0.1

  func svg() -> String {
    let highest = points.map { max($0.netBenefit, $0.treatAll, 0) }.max() ?? 0.5
    // Room above the curves keeps the key off them.
    let top = max(0.2, (highest * 10 + 1.5).rounded(.up) / 10)
    var plot = PlotArea(height: 340, x: 0...1, y: Self.floor...top)
    plot.drawAxes(
      xTitle: words("Threshold probability"),
      yTitle: words("Net benefit"),
      count: 5
    )
    for threshold in thresholds {
      let x = plot.x(threshold)
      plot.canvas.line(x, plot.y(Self.floor), x, plot.y(0) - 4, .init(colour: PlotArea.grey))
    }
    let none = SVGCanvas.Stroke(width: 1.2, dash: "1 3")
    let all = SVGCanvas.Stroke(width: 1.4, colour: PlotArea.grey, dash: "7 3")
    let model = SVGCanvas.Stroke(width: 2)
    plot.canvas.line(plot.x(0), plot.y(0), plot.x(1), plot.y(0), none)
    plot.canvas.polyline(line(plot, \.treatAll), all)
    plot.canvas.polyline(line(plot, \.netBenefit), model)
    plot.drawKey([
      (words("model"), model), (words("all counted as high risk"), all),
      (words("none counted as high risk"), none),
    ])
    return plot.canvas.document(
      title: words("Decision curve"),
      description: words("Net benefit by threshold probability")
    )
  }

  private func line(
    _ plot: PlotArea,
    _ value: (DecisionPoint) -> Double
  ) -> [(Double, Double)] {
    points.filter { value($0) >= Self.floor }
      .map { (plot.x($0.threshold), plot.y(value($0))) }
  }
}
