// SPDX-License-Identifier: Apache-2.0
import RiskModel

/// How predicted risks are spread: patients with the outcome upwards, without it downwards.
struct RiskFigure {
  let bins: [ReportFigures.RiskBin]
  let cutoff: Double
  let words: ReportWords

  func svg() -> String {
    let most = Double(bins.flatMap { [$0.events, $0.nonEvents] }.max() ?? 1)
    let end = max(1, most * 1.28)
    var plot = PlotArea(height: 300, x: 0...1, y: -end...end)
    let (x0, middle) = (plot.x(0), plot.y(0))
    for bin in bins {
      let (left, right) = (plot.x(bin.from) + 1, plot.x(bin.to) - 1)
      let (up, down) = (plot.y(Double(bin.events)), plot.y(-Double(bin.nonEvents)))
      plot.canvas.rectangle(left, up, width: right - left, height: middle - up, fill: "#444")
      plot.canvas.rectangle(
        left,
        middle,
        width: right - left,
        height: down - middle,
        fill: "#fff",
        stroke: .init(width: bin.nonEvents > 0 ? 1.2 : 0)
      )
    }
    plot.canvas.line(x0, middle, plot.x(1), middle)
    drawCounts(&plot, most: most, end: end)
    plot.canvas.line(
      plot.x(cutoff),
      plot.y(end * 0.86),
      plot.x(cutoff),
      plot.y(-end * 0.86),
      .init(colour: PlotArea.grey, dash: "4 3")
    )
    let font = SVGCanvas.Font(size: 11, hasHalo: true)
    plot.canvas.text(x0 + 6, plot.y(end) + 11, words("with the outcome (filled)"), font)
    plot.canvas.text(x0 + 6, plot.y(-end) - 5, words("without it (open)"), font)
    plot.canvas.text(
      plot.x(cutoff),
      plot.y(-end) - 5,
      words("cut-off {1}", words.number(cutoff)),
      font,
      anchor: .middle
    )
    return plot.canvas.document(
      title: words("Predicted risks"),
      description: words("Patients by predicted risk and outcome")
    )
  }

  private func drawCounts(_ plot: inout PlotArea, most: Double, end: Double) {
    let (x0, bottom) = (plot.x(0), plot.y(-end))
    plot.canvas.line(x0, plot.y(end), x0, bottom)
    plot.canvas.line(x0, bottom, plot.x(1), bottom)
    let counts = AxisTicks.round(from: 0, to: most, about: 3).filter { $0 == $0.rounded() }
    for count in counts.dropFirst().map({ -$0 }) + counts {
      plot.canvas.line(x0 - 5, plot.y(count), x0, plot.y(count))
      let text = Transform.text(abs(count))
      plot.canvas.text(x0 - 8, plot.y(count) + 4, text, .init(size: 11), anchor: .end)
    }
    for tick in plot.xTicks(5) {
      plot.canvas.line(plot.x(tick), bottom, plot.x(tick), bottom + 5)
      plot.canvas.text(
        plot.x(tick),
        bottom + 18,
        Transform.text(tick),
        .init(size: 11),
        anchor: .middle
      )
    }
    let middle = (x0 + plot.x(1)) / 2
    plot.canvas.text(middle, bottom + 37, words("Predicted risk"), .init(size: 12), anchor: .middle)
    plot.canvas.text(
      14,
      plot.y(0),
      words("Patients"),
      .init(size: 12),
      anchor: .middle,
      rotation: -90
    )
  }
}
