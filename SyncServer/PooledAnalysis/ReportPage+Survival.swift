// SPDX-License-Identifier: Apache-2.0
import RiskModel

extension ReportPage {
  mutating func addSurvival() {
    guard let survival = report.survival else { return }
    heading("Progression-free survival by risk group, from day \(survival.landmarkDay)")
    table(
      [
        "Risk group", "n", "Events", "Median days from the landmark (95 %)", "Competing deaths",
        "Cumulative incidence, last",
      ],
      survival.groups.map { own in
        [
          own.riskGroup, "\(own.n)", "\(own.events)",
          "\(own.median.map { Self.number($0, 0) } ?? "not reached") "
            + "(\(Self.range(own.medianLow, own.medianHigh, 0)))",
          "\(own.competing)",
          own.incidence.last.map {
            "progression \(Self.number($0.progression)), other death \(Self.number($0.competing))"
          } ?? Self.absent,
        ]
      }
    )
    var words =
      "\(survival.endedBefore) patients had progressed or left follow-up by day "
      + "\(survival.landmarkDay) and \(survival.unknown) have no known time: both are left out, "
      + "because the predictors are known only from then on."
    if let statistic = survival.statistic, let p = survival.p {
      words +=
        " Log-rank, stratified by site: χ² \(Self.number(statistic, 2)), p \(Self.p(p))."
    }
    paragraph(words)
    add("<figure>\(survivalFigure(survival))<figcaption>")
    add("Kaplan–Meier curves, \(Self.escaped(populationName)).</figcaption></figure>")
  }

  private func survivalFigure(_ survival: LandmarkSurvival) -> String {
    let longest = survival.groups.flatMap(\.curve).map(\.time).max() ?? 1
    var plot = PlotArea(width: 790, height: 320, x: 0...longest, y: 0...1)
    plot.drawAxes(
      xTitle: "Days from day \(survival.landmarkDay)",
      yTitle: "Free of progression",
      count: 6
    )
    let left = plot.x(longest) - 150
    for (index, group) in survival.groups.enumerated() {
      let stroke = SVGCanvas.Stroke(width: 1.8, dash: group.riskGroup == "high" ? "" : "6 3")
      plot.canvas.polyline(steps(group, plot), stroke)
      let y = plot.y(1) + 10 + Double(index) * 17
      plot.canvas.line(left, y, left + 28, y, stroke)
      plot.canvas.text(
        left + 36,
        y + 4,
        "\(group.riskGroup) risk, n \(group.n)",
        .init(size: 11)
      )
    }
    return plot.canvas.document(
      title: "Progression-free survival",
      description: "By risk group from the landmark"
    )
  }

  private func steps(_ group: LandmarkSurvival.Group, _ plot: PlotArea) -> [(Double, Double)] {
    var points = [(plot.x(0), plot.y(1))]
    var level = 1.0
    for step in group.curve {
      points.append((plot.x(step.time), plot.y(level)))
      level = step.survival
      points.append((plot.x(step.time), plot.y(level)))
    }
    return points
  }
}
