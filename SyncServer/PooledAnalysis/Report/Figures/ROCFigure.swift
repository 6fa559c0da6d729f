// SPDX-License-Identifier: Apache-2.0
import RiskModel

/// The ROC curve with the release's cut-off on it.
struct ROCFigure {
  let points: [ROCPoint]
  let performance: Performance
  let words: ReportWords

  func svg() -> String {
    var plot = PlotArea(height: 380, x: 0...1, y: 0...1)
    plot.drawAxes(xTitle: words("1 − specificity"), yTitle: words("Sensitivity"), count: 5)
    plot.drawDiagonal()
    plot.canvas.polyline(
      points.map { (plot.x(1 - $0.specificity), plot.y($0.sensitivity)) },
      .init(width: 1.8)
    )
    if let sensitivity = performance.sensitivity, let specificity = performance.specificity {
      let (x, y) = (plot.x(1 - specificity), plot.y(sensitivity))
      plot.canvas.circle(x, y, radius: 4)
      let label = words("cut-off {1}", words.number(performance.cutoff))
      let isRight = x > plot.x(0.7)
      plot.canvas.text(
        x + (isRight ? -9 : 9),
        min(y + 16, plot.y(0) - 26),
        label,
        .init(size: 11, hasHalo: true),
        anchor: isRight ? .end : .start
      )
    }
    let area = words("AUC {1}", words.limited(performance.auc))
    let font = SVGCanvas.Font(size: 11.5, hasHalo: true)
    plot.canvas.text(plot.x(1) - 4, plot.y(0) - 10, area, font, anchor: .end)
    return plot.canvas.document(title: words("ROC curve"), description: area)
  }
}
