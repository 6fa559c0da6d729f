// SPDX-License-Identifier: Apache-2.0
import RiskModel

/// Who was analysed, as boxes: patients down the left, those left out at the right.
struct FlowFigure {
  let flow: EligibilityFlow
  let words: ReportWords

  private static let font = SVGCanvas.Font(size: 11.5)
  private static let bold = SVGCanvas.Font(size: 11.5, isBold: true)
  private static let left = (x: 6.0, width: 158.0)
  private static let right = (x: 196.0, width: 198.0)

  func svg() -> String {
    let exclusions = self.exclusions
    var canvas = SVGCanvas(
      width: PlotArea.figureWidth,
      height: 130 + Double(exclusions.count) * 46 + 74
    )
    var y = box([words("Patients"), "\(flow.patients)"], Self.left, 6, &canvas)
    for exclusion in exclusions {
      let top = y + 10
      let bottom = box([exclusion.0, "\(exclusion.1)"], Self.right, top, &canvas)
      let spine = Self.left.x + Self.left.width / 2
      canvas.line(spine, y, spine, bottom)
      arrow(from: (spine, (top + bottom) / 2), to: (Self.right.x, (top + bottom) / 2), &canvas)
      y = bottom
    }
    let spine = Self.left.x + Self.left.width / 2
    arrow(from: (spine, y), to: (spine, y + 20), &canvas)
    y = box([words("Analysed"), "\(flow.complete)"], Self.left, y + 20, &canvas)
    let parts = [
      (words("Development cohort"), flow.completeDevelopment),
      (words("External patients"), flow.complete - flow.completeDevelopment),
    ]
    let top = y + 22
    for (index, part) in parts.enumerated() {
      let frame = index == 0 ? Self.left : Self.right
      let centre = frame.x + frame.width / 2
      canvas.line(spine, y, spine, y + 10)
      canvas.line(spine, y + 10, centre, y + 10)
      arrow(from: (centre, y + 10), to: (centre, top), &canvas)
      _ = box([part.0, "\(part.1)"], frame, top, &canvas)
    }
    return canvas.document(
      title: words("Flow of patients"),
      description: words("{1} patients, {2} analysed", "\(flow.patients)", "\(flow.complete)")
    )
  }

  private var exclusions: [(String, Int)] {
    [
      (words("Consent withdrawn"), flow.withdrawn),
      (words("Competing death"), flow.competing),
      (words("Outcome not known"), flow.missingOutcome),
      (words("Predictor not known"), flow.missingPredictor),
    ]
  }

  /// A box with a name and a count; returns its lower edge.
  private func box(
    _ lines: [String],
    _ frame: (x: Double, width: Double),
    _ y: Double,
    _ canvas: inout SVGCanvas
  ) -> Double {
    let height = 36.0
    canvas.rectangle(
      frame.x,
      y,
      width: frame.width,
      height: height,
      fill: "#fff",
      stroke: .init(width: 1.2)
    )
    let baseline = y + height / 2 + 4
    let room = frame.width - 26 - SVGCanvas.width(lines[1], Self.bold)
    let name = SVGCanvas.fitted(lines[0], Self.font, width: room)
    canvas.text(frame.x + 9, baseline, name, Self.font)
    canvas.text(frame.x + frame.width - 9, baseline, lines[1], Self.bold, anchor: .end)
    return y + height
  }

  private func arrow(
    from start: (Double, Double),
    to end: (Double, Double),
    _ canvas: inout SVGCanvas
  ) {
    canvas.line(start.0, start.1, end.0, end.1)
    if start.0 == end.0 {
      canvas.polygon([end, (end.0 - 4, end.1 - 7), (end.0 + 4, end.1 - 7)])
    } else {
      canvas.polygon([end, (end.0 - 7, end.1 - 4), (end.0 - 7, end.1 + 4)])
    }
  }
}
