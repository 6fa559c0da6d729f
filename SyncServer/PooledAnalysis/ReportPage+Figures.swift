// SPDX-License-Identifier: Apache-2.0
import RiskModel

extension ReportPage {
  mutating func addFigures() {
    heading("Figures")
    add("<div class=\"figures\">")
    figure(rocFigure(), "ROC curve, \(populationName).")
    figure(
      calibrationFigure(),
      "Observed share by predicted risk, Wilson 95 % limits, circles sized by patients; "
        + "\(populationName)."
    )
    if !forestLines.isEmpty {
      figure(
        forestFigure(),
        "By external site (events/patients) with 95 % limits; filled diamond: random-effects mean, grey bar: "
          + "95 % interval for a new site.",
        isFull: true
      )
    }
    figure(
      decisionFigure(),
      "Net benefit by threshold probability, \(populationName).",
      isFull: true
    )
    add("</div>")
  }

  private mutating func figure(_ svg: String, _ caption: String, isFull: Bool = false) {
    add(
      "<figure\(isFull ? " class=\"full\"" : "")>\(svg)"
        + "<figcaption>\(Self.escaped(caption))</figcaption></figure>"
    )
  }

  private static let grey = "#777"
  private static let pale = "#ccc"

  private func rocFigure() -> String {
    var plot = PlotArea(width: 380, height: 360, x: 0...1, y: 0...1)
    plot.drawAxes(xTitle: "1 − specificity", yTitle: "Sensitivity", count: 5)
    plot.canvas.line(
      plot.x(0),
      plot.y(0),
      plot.x(1),
      plot.y(1),
      .init(colour: Self.grey, dash: "3 3")
    )
    let points = report.roc.map { (plot.x(1 - $0.specificity), plot.y($0.sensitivity)) }
    plot.canvas.polyline(points, .init(width: 1.8))
    let own = report.summary.performance
    if let sensitivity = own.sensitivity, let specificity = own.specificity {
      let (x, y) = (plot.x(1 - specificity), plot.y(sensitivity))
      plot.canvas.circle(x, y, radius: 4)
      plot.canvas.text(x + 8, y + 13, "cut-off \(Self.number(own.cutoff))", .init(size: 10))
    }
    plot.canvas.text(
      plot.x(1) - 4,
      plot.y(0) - 10,
      "AUC \(Self.limited(own.auc))",
      .init(size: 11),
      anchor: .end
    )
    return plot.canvas.document(title: "ROC curve", description: "AUC \(Self.limited(own.auc))")
  }

  private func calibrationFigure() -> String {
    var plot = PlotArea(width: 380, height: 360, x: 0...1, y: 0...1)
    plot.drawAxes(xTitle: "Predicted risk", yTitle: "Observed share", count: 5)
    plot.canvas.line(
      plot.x(0),
      plot.y(0),
      plot.x(1),
      plot.y(1),
      .init(colour: Self.grey, dash: "3 3")
    )
    let patterns = report.riskPatterns.count <= 20 ? report.riskPatterns : []
    let largest = Double(patterns.map(\.n).max() ?? 1)
    for own in patterns {
      let x = plot.x(own.risk)
      plot.canvas.line(x, plot.y(own.low), x, plot.y(own.high), .init(width: 1.2))
      for end in [own.low, own.high] {
        plot.canvas.line(x - 3, plot.y(end), x + 3, plot.y(end), .init(width: 1.2))
      }
      let share = Double(own.events) / Double(own.n)
      plot.canvas.circle(
        x,
        plot.y(share),
        radius: 2.5 + 4.5 * (Double(own.n) / largest).squareRoot(),
        fill: "#fff",
        stroke: .init(width: 1.5)
      )
    }
    if patterns.isEmpty {
      plot.canvas.text(
        plot.x(0.5),
        plot.y(0.5),
        "too many distinct risks to draw",
        .init(size: 11),
        anchor: .middle
      )
    }
    return plot.canvas.document(
      title: "Calibration",
      description: "Observed share by predicted risk"
    )
  }

  private func decisionFigure() -> String {
    let points = report.decisionCurve
    let highest = points.map { max($0.netBenefit, $0.treatAll, 0) }.max() ?? 0.5
    let top = max(0.1, (highest * 10).rounded(.up) / 10)
    var plot = PlotArea(width: 790, height: 300, x: 0...1, y: -0.1...top)
    plot.drawAxes(xTitle: "Threshold probability", yTitle: "Net benefit", count: 5)
    plot.canvas.line(plot.x(0), plot.y(0), plot.x(1), plot.y(0), .init(colour: Self.grey))
    func line(_ value: (DecisionPoint) -> Double) -> [(Double, Double)] {
      points.filter { value($0) >= -0.1 }.map { (plot.x($0.threshold), plot.y(value($0))) }
    }
    plot.canvas.polyline(line(\.treatAll), .init(width: 1.2, colour: Self.grey, dash: "5 3"))
    plot.canvas.polyline(line(\.netBenefit), .init(width: 1.8))
    let x = plot.x(1) - 150
    let labels = [("model", "", "#000", 1.8), ("treat all", "5 3", Self.grey, 1.2)]
    for (index, label) in labels.enumerated() {
      let y = plot.y(top) + 10 + Double(index) * 17
      plot.canvas.line(
        x,
        y,
        x + 28,
        y,
        .init(width: label.3, colour: label.2, dash: label.1)
      )
      plot.canvas.text(x + 36, y + 4, label.0, .init(size: 11))
    }
    return plot.canvas.document(title: "Decision curve", description: "Net benefit")
  }
}
