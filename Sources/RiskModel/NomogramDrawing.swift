// SPDX-License-Identifier: Apache-2.0
import Foundation

/// Draws a release as a nomogram, with one patient's score marked on it.
///
/// Black and greys on white, A4 landscape, no fonts beyond the reader's own. The outcome's wording
/// and the statement on use stand on the drawing, so that a print never loses them.
public enum NomogramDrawing {
  /// The drawing as an SVG document.
  ///
  /// - Parameters:
  ///   - release: The model that is drawn.
  ///   - score: The patient who is marked; nil draws the empty nomogram.
  ///   - words: Puts each text into the language of the drawing; English when not given.
  /// - Returns: UTF-8 text of one `svg` element, 842 × 595 for three predictors.
  public static func svg(
    release: ModelRelease,
    score: Score?,
    words: @escaping @Sendable (String) -> String = { $0 }
  ) -> String {
    var sheet = NomogramSheet(release: release, score: score, words: words)
    sheet.draw()
    return sheet.canvas.document(
      title: "\(release.name), version \(release.version)",
      description: description(release, score, words)
    )
  }

  private static func description(
    _ release: ModelRelease,
    _ score: Score?,
    _ words: (String) -> String
  ) -> String {
    let use = "\(words(release.outcome.statement)) \(words(release.statement))"
    guard let score else { return use }
    let risk = SVGCanvas.fixed(100 * score.probability, 1)
    return "\(use) This patient: \(risk) %, \(score.riskGroup) risk group."
  }
}

/// The layout of one nomogram sheet.
struct NomogramSheet {
  let release: ModelRelease
  let score: Score?
  let nomogram: Nomogram
  var canvas: SVGCanvas

  static let left = 40.0
  static let axisStart = 205.0
  static let axisEnd = 640.0
  static let column = 662.0
  static let right = 802.0
  static let firstRow = 146.0
  static let rowHeight = 56.0
  static let grey = "#666"
  static let pale = "#bbb"

  init(
    release: ModelRelease,
    score: Score?,
    words: @escaping @Sendable (String) -> String = { $0 }
  ) {
    self.release = release
    self.score = score
    nomogram = Nomogram(release)
    let rows = Double(release.predictors.count)
    canvas = SVGCanvas(
      width: 842,
      height: 595 + (rows - 3) * Self.rowHeight,
      words: words
    )
  }

  mutating func draw() {
    drawHeading()
    drawGuides()
    drawPointsAxis()
    for index in release.predictors.indices { drawPredictor(index) }
    drawTotals()
    drawFooting()
  }

  /// The baseline of an axis: 0 = points, then the predictors, then total points, then risk.
  func row(_ index: Int) -> Double { Self.firstRow + Double(index) * Self.rowHeight }

  func x(points: Double) -> Double {
    Self.axisStart + (Self.axisEnd - Self.axisStart) * points / 100
  }

  func x(total: Double) -> Double {
    Self.axisStart + (Self.axisEnd - Self.axisStart) * total / totalAxisEnd
  }

  /// The total axis ends at the next multiple of 20 points.
  var totalAxisEnd: Double { max(20, (nomogram.greatestTotal / 20).rounded(.up) * 20) }

  mutating func label(_ row: Int, _ title: String, _ detail: String) {
    canvas.text(Self.left, self.row(row) + 1, title, .init(size: 12, isBold: true))
    canvas.text(Self.left, self.row(row) + 15, detail, .init(size: 10, colour: Self.grey))
  }
}

extension NomogramSheet {
  private mutating func drawHeading() {
    canvas.text(Self.left, 44, release.name, .init(size: 17, isBold: true))
    canvas.text(
      Self.right,
      44,
      "\(release.modelID), version \(release.version)",
      .init(size: 10, colour: Self.grey),
      anchor: .end
    )
    canvas.paragraph(
      Self.left,
      64,
      release.outcome.statement,
      .init(size: 11),
      width: Self.right - Self.left
    )
    canvas.line(Self.left, 84, Self.right, 84, .init(width: 1.5))
    guard score != nil else { return }
    canvas.text(Self.column, 108, "This patient", .init(size: 10, isBold: true))
    canvas.text(Self.right, 108, "Points", .init(size: 10, isBold: true), anchor: .end)
    canvas.line(Self.column, 114, Self.right, 114, .init(width: 0.5))
  }

  private mutating func drawPointsAxis() {
    let y = row(0)
    label(0, "Points", "read up from each mark")
    canvas.line(x(points: 0), y, x(points: 100), y)
    for step in 0...20 {
      let points = Double(step) * 5
      let isMajor = step % 2 == 0
      canvas.line(x(points: points), y, x(points: points), y - (isMajor ? 7 : 4))
      if isMajor {
        canvas.text(
          x(points: points),
          y - 11,
          Transform.text(points),
          .init(size: 10),
          anchor: .middle
        )
      }
    }
  }

  /// Lines from the patient's marks up to the points axis, under everything else.
  private mutating func drawGuides() {
    for (index, share) in (score?.contributions ?? []).enumerated() {
      let mark = x(points: min(100, max(0, share.points)))
      canvas.line(
        mark,
        row(0) + 2,
        mark,
        row(index + 1),
        .init(width: 0.8, colour: Self.pale, dash: "2 3")
      )
    }
  }

  private mutating func drawPredictor(_ index: Int) {
    let predictor = release.predictors[index]
    let y = row(index + 1)
    let unit = predictor.unit == "1" ? "dimensionless" : Self.readable(predictor.unit)
    label(index + 1, predictor.label, unit)
    let range = nomogram.ranges[index]
    let ends = [range.lowerBound, range.upperBound].map {
      x(points: nomogram.points(ofShare: $0, predictor: index))
    }
    canvas.line(ends[0], y, ends[1], y)
    for tick in ticks(index) {
      let place = x(points: nomogram.points(ofShare: tick.share, predictor: index))
      canvas.line(place, y, place, y + 6)
      canvas.text(place, y + 17, tick.label, .init(size: 10, hasHalo: true), anchor: .middle)
    }
    guard let share = score?.contributions[index] else { return }
    let mark = x(points: min(100, max(0, share.points)))
    canvas.circle(mark, y, radius: 4.5)
    let value = Self.significant(share.value)
    canvas.text(Self.column, y + 4, value, .init(size: 12))
    canvas.text(
      Self.right,
      y + 4,
      SVGCanvas.fixed(share.points, 1),
      .init(size: 12),
      anchor: .end
    )
  }

  /// The labelled places of a predictor's axis, as shares of the linear predictor.
  private func ticks(_ index: Int) -> [(share: Double, label: String)] {
    let predictor = release.predictors[index]
    let start = release.predictors[..<index].reduce(0) { $0 + $1.transform.termCount }
    let coefficients = release.coefficients[start..<(start + predictor.transform.termCount)]
    if case .threshold(let bound) = predictor.transform {
      let text = Transform.text(bound)
      return [(0, "< \(text)"), (coefficients[start], "≥ \(text)")]
    }
    return AxisTicks.round(from: predictor.low, to: predictor.high, about: 5)
      .compactMap { value in
        predictor.transform.terms(value).map { terms in
          (zip(coefficients, terms).reduce(0) { $0 + $1.0 * $1.1 }, Transform.text(value))
        }
      }
  }

  /// UCUM as people write it.
  static func readable(_ unit: String) -> String {
    unit.replacingOccurrences(of: "10*-3.mm2/s", with: "× 10⁻³ mm²/s")
      .replacingOccurrences(of: "10*9/L", with: "× 10⁹/L")
  }

  /// Four significant digits: enough to see on which side of a cut-off a value lies.
  static func significant(_ value: Double) -> String {
    let text = String(format: "%.4g", value)
    return text.contains("e") ? Transform.text(value) : text
  }
}

/// Round numbers along an axis.
package enum AxisTicks {
  /// Multiples of 1, 2 or 5 times a power of ten inside a range, about `count` of them.
  package static func round(from low: Double, to high: Double, about count: Int) -> [Double] {
    guard high > low, count > 0 else { return [] }
    let raw = (high - low) / Double(count)
    let power = pow(10, floor(log10(raw)))
    let step = [1.0, 2, 5, 10].map { $0 * power }.first { $0 >= raw * 0.8 } ?? 10 * power
    let first = Int((low / step - 1e-9).rounded(.up))
    let last = Int((high / step + 1e-9).rounded(.down))
    guard first <= last else { return [] }
    return (first...last).map { multiple in
      // Division keeps 0.3 from becoming 0.30000000000000004.
      step < 1 ? Double(multiple) / (1 / step).rounded() : Double(multiple) * step
    }
  }
}
