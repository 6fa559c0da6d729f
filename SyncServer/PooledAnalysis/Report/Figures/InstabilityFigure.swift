// SPDX-License-Identifier: Apache-2.0
import RiskModel

/// Where each risk fell in the resamples, against the line of no change.
struct InstabilityFigure {
  let patterns: [Instability.Pattern]
  let words: ReportWords

  func svg() -> String {
    var plot = PlotArea(height: 380, x: 0...1, y: 0...1)
    plot.drawAxes(
      xTitle: words("Risk by the model"),
      yTitle: words("Risk in the resamples"),
      count: 5
    )
    plot.drawDiagonal()
    let largest = Double(patterns.map(\.n).max() ?? 1)
    for own in patterns {
      let x = plot.x(own.risk)
      plot.canvas.line(x, plot.y(own.low), x, plot.y(own.high), .init(width: 1.4))
      for end in [own.low, own.high] {
        plot.canvas.line(x - 3, plot.y(end), x + 3, plot.y(end), .init(width: 1.4))
      }
      let radius = 2 + 4 * (Double(own.n) / largest).squareRoot()
      plot.canvas.circle(x, plot.y(own.risk), radius: radius)
    }
    return plot.canvas.document(
      title: words("Instability"),
      description: words("Risks in the resamples by the risk of the model")
    )
  }
}
