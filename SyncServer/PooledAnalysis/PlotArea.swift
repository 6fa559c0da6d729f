// SPDX-License-Identifier: Apache-2.0
import RiskModel

/// A drawing with two linear axes.
struct PlotArea {
  var canvas: SVGCanvas
  private let xRange: ClosedRange<Double>
  private let yRange: ClosedRange<Double>

  private static let left = 52.0
  private static let right = 12.0
  private static let top = 12.0
  private static let bottom = 46.0

  init(width: Double, height: Double, x: ClosedRange<Double>, y: ClosedRange<Double>) {
    canvas = SVGCanvas(width: width, height: height)
    xRange = x
    yRange = y
  }

  func x(_ value: Double) -> Double {
    let share = (value - xRange.lowerBound) / (xRange.upperBound - xRange.lowerBound)
    return Self.left + (canvas.width - Self.left - Self.right) * share
  }

  func y(_ value: Double) -> Double {
    let share = (value - yRange.lowerBound) / (yRange.upperBound - yRange.lowerBound)
    return canvas.height - Self.bottom - (canvas.height - Self.top - Self.bottom) * share
  }

  mutating func drawAxes(xTitle: String, yTitle: String, count: Int) {
    let (x0, x1) = (x(xRange.lowerBound), x(xRange.upperBound))
    let (y0, y1) = (y(yRange.lowerBound), y(yRange.upperBound))
    canvas.line(x0, y0, x1, y0)
    canvas.line(x0, y0, x0, y1)
    for tick in AxisTicks.round(from: xRange.lowerBound, to: xRange.upperBound, about: count) {
      canvas.line(x(tick), y0, x(tick), y0 + 5)
      canvas.text(x(tick), y0 + 17, Transform.text(tick), .init(size: 10), anchor: .middle)
    }
    for tick in AxisTicks.round(from: yRange.lowerBound, to: yRange.upperBound, about: count) {
      canvas.line(x0 - 5, y(tick), x0, y(tick))
      canvas.text(x0 - 8, y(tick) + 3.5, Transform.text(tick), .init(size: 10), anchor: .end)
    }
    canvas.text((x0 + x1) / 2, canvas.height - 8, xTitle, .init(size: 11.5), anchor: .middle)
    canvas.text(
      14,
      (y0 + y1) / 2,
      yTitle,
      .init(size: 11.5),
      anchor: .middle,
      rotation: -90
    )
  }
}
