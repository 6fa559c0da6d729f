// SPDX-License-Identifier: Apache-2.0
import RiskModel

/// Kaplan–Meier curves by risk group, with the numbers at risk below.
struct SurvivalFigure {
  let survival: LandmarkSurvival
  let words: ReportWords

  func svg() -> String {
    let longest = max(1, survival.groups.flatMap(\.curve).map(\.time).max() ?? 1)
    let rows = Double(survival.groups.count)
    var plot = PlotArea(height: 350 + 17 * rows, x: 0...longest, y: 0...1, below: 72 + 17 * rows)
    plot.drawAxes(
      xTitle: words("Days from day {1}", "\(survival.landmarkDay)"),
      yTitle: words("Free of progression"),
      count: 6
    )
    var key: [(String, SVGCanvas.Stroke)] = []
    for group in survival.groups {
      let stroke = SVGCanvas.Stroke(width: 1.8, dash: group.riskGroup == "high" ? "" : "6 3")
      plot.canvas.polyline(steps(group, plot), stroke)
      key.append((words.translated("\(group.riskGroup) risk"), stroke))
    }
    plot.drawKey(key)
    drawNumbers(&plot)
    return plot.canvas.document(
      title: words("Progression-free survival"),
      description: words("By risk group from the landmark, with numbers at risk")
    )
  }

  private func drawNumbers(_ plot: inout PlotArea) {
    var y = plot.y(0) + 58
    plot.canvas.text(4, y, words("Numbers at risk"), .init(size: 10.5, isBold: true))
    for group in survival.groups {
      y += 16
      let label = words.translated(group.riskGroup)
      plot.canvas.text(
        4,
        y,
        SVGCanvas.fitted(label, .init(size: 10.5), width: 36),
        .init(size: 10.5)
      )
      for tick in plot.xTicks(6) {
        let count = group.atRisk(at: tick)
        plot.canvas.text(plot.x(tick), y, "\(count)", .init(size: 10.5), anchor: .middle)
      }
    }
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

extension LandmarkSurvival.Group {
  /// Patients still followed just before a time; the curve has a point at every patient's end.
  func atRisk(at time: Double) -> Int { curve.first { $0.time >= time }?.atRisk ?? 0 }
}
