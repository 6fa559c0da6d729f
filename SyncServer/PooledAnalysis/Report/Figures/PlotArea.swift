// SPDX-License-Identifier: Apache-2.0
import RiskModel

/// A drawing with two linear axes.
struct PlotArea {
  var canvas: SVGCanvas
  private let xRange: ClosedRange<Double>
  private let yRange: ClosedRange<Double>
  private let bottom: Double

  /// The grey of secondary lines: dark enough to survive a copier.
  static let grey = "#666"
  /// The fill of areas behind lines.
  static let pale = "#ddd"
  /// Two figures stand beside each other on A4, and one fills a phone.
  static let figureWidth = 400.0

  private static let left = 54.0
  private static let right = 14.0
  private static let top = 14.0

  /// - Parameters:
  ///   - height: The height of the drawing.
  ///   - x: The horizontal axis.
  ///   - y: The vertical axis.
  ///   - below: Room below the axis, for its labels and what else stands there.
  init(
    height: Double,
    x: ClosedRange<Double>,
    y: ClosedRange<Double>,
    below: Double = 48
  ) {
    canvas = SVGCanvas(width: Self.figureWidth, height: height)
    xRange = x
    yRange = y
    bottom = below
  }

  func x(_ value: Double) -> Double {
    let share = (value - xRange.lowerBound) / (xRange.upperBound - xRange.lowerBound)
    return Self.left + (canvas.width - Self.left - Self.right) * share
  }

  func y(_ value: Double) -> Double {
    let share = (value - yRange.lowerBound) / (yRange.upperBound - yRange.lowerBound)
    return canvas.height - bottom - (canvas.height - Self.top - bottom) * share
  }

  mutating func drawAxes(xTitle: String, yTitle: String, count: Int) {
    let (x0, x1) = (x(xRange.lowerBound), x(xRange.upperBound))
    let (y0, y1) = (y(yRange.lowerBound), y(yRange.upperBound))
    canvas.line(x0, y0, x1, y0)
    canvas.line(x0, y0, x0, y1)
    for tick in xTicks(count) {
      canvas.line(x(tick), y0, x(tick), y0 + 5)
      canvas.text(x(tick), y0 + 18, Transform.text(tick), .init(size: 11), anchor: .middle)
    }
    for tick in AxisTicks.round(from: yRange.lowerBound, to: yRange.upperBound, about: count) {
      canvas.line(x0 - 5, y(tick), x0, y(tick))
      let text = Transform.text(tick).replacing("-", with: "−")
      canvas.text(x0 - 8, y(tick) + 4, text, .init(size: 11), anchor: .end)
    }
    canvas.text((x0 + x1) / 2, y0 + 37, xTitle, .init(size: 12), anchor: .middle)
    canvas.text(14, (y0 + y1) / 2, yTitle, .init(size: 12), anchor: .middle, rotation: -90)
  }

  /// The labelled places of the horizontal axis.
  func xTicks(_ count: Int) -> [Double] {
    AxisTicks.round(from: xRange.lowerBound, to: xRange.upperBound, about: count)
  }

  /// The line of equality from 0 to 1.
  mutating func drawDiagonal() {
    canvas.line(x(0), y(0), x(1), y(1), .init(colour: Self.grey, dash: "3 3"))
  }

  /// A key of lines, its right edge at the right end of the axis.
  mutating func drawKey(_ entries: [(label: String, stroke: SVGCanvas.Stroke)]) {
    let font = SVGCanvas.Font(size: 11, hasHalo: true)
    let width = entries.map { SVGCanvas.width($0.label, font) }.max() ?? 0
    let left = x(xRange.upperBound) - width - 34
    for (index, entry) in entries.enumerated() {
      let y = Self.top + 8 + Double(index) * 17
      canvas.line(left, y, left + 27, y, entry.stroke)
      canvas.text(left + 33, y + 4, entry.label, font)
    }
  }
}
