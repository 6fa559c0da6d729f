// SPDX-License-Identifier: Apache-2.0
import Foundation

/// Collects the elements of one SVG drawing, in black and greys, with the fonts every reader has.
package struct SVGCanvas {
  /// The width of the drawing, in user units (points on A4).
  package let width: Double
  /// The height of the drawing, in user units.
  package let height: Double
  private var elements: [String] = []
  /// Puts what is set into the language of the drawing.
  private let words: @Sendable (String) -> String

  /// Where a text's position lies in it.
  package enum Anchor: String {
    case start, middle, end
  }

  /// How a line or an outline is drawn.
  package struct Stroke {
    package var width = 1.0
    package var colour = "#000"
    package var dash = ""

    package init(width: Double = 1, colour: String = "#000", dash: String = "") {
      self.width = width
      self.colour = colour
      self.dash = dash
    }
  }

  /// How a text is set.
  package struct Font {
    package var size = 10.0
    package var isBold = false
    package var colour = "#000"
    /// Whether a white edge keeps the text legible over lines.
    package var hasHalo = false

    package init(
      size: Double = 10,
      isBold: Bool = false,
      colour: String = "#000",
      hasHalo: Bool = false
    ) {
      self.size = size
      self.isBold = isBold
      self.colour = colour
      self.hasHalo = hasHalo
    }
  }

  /// Starts an empty drawing.
  package init(
    width: Double,
    height: Double,
    words: @escaping @Sendable (String) -> String = { $0 }
  ) {
    self.width = width
    self.height = height
    self.words = words
  }
}

extension SVGCanvas {
  /// Draws a straight line.
  package mutating func line(
    _ x1: Double,
    _ y1: Double,
    _ x2: Double,
    _ y2: Double,
    _ stroke: Stroke = Stroke()
  ) {
    let ends = "x1=\"\(n(x1))\" y1=\"\(n(y1))\" x2=\"\(n(x2))\" y2=\"\(n(y2))\""
    elements.append("<line \(ends) \(attributes(stroke))/>")
  }

  /// Draws connected lines.
  package mutating func polyline(_ points: [(Double, Double)], _ stroke: Stroke = Stroke()) {
    let text = points.map { "\(n($0.0)),\(n($0.1))" }.joined(separator: " ")
    elements.append("<polyline points=\"\(text)\" fill=\"none\" \(attributes(stroke))/>")
  }

  /// Draws a closed, filled shape.
  package mutating func polygon(_ points: [(Double, Double)], fill: String = "#000") {
    let text = points.map { "\(n($0.0)),\(n($0.1))" }.joined(separator: " ")
    elements.append("<polygon points=\"\(text)\" fill=\"\(fill)\"/>")
  }

  /// Draws a filled circle, with an outline when a stroke is given.
  package mutating func circle(
    _ x: Double,
    _ y: Double,
    radius: Double,
    fill: String = "#000",
    stroke: Stroke? = nil
  ) {
    let outline = stroke.map { " " + attributes($0) } ?? ""
    elements.append(
      "<circle cx=\"\(n(x))\" cy=\"\(n(y))\" r=\"\(n(radius))\" fill=\"\(fill)\"\(outline)/>"
    )
  }

  /// Draws a filled rectangle.
  package mutating func rectangle(
    _ x: Double,
    _ y: Double,
    width: Double,
    height: Double,
    fill: String,
    stroke: Stroke? = nil
  ) {
    let outline = stroke.map { " " + attributes($0) } ?? ""
    let box = "x=\"\(n(x))\" y=\"\(n(y))\" width=\"\(n(width))\" height=\"\(n(height))\""
    elements.append("<rect \(box) fill=\"\(fill)\"\(outline)/>")
  }

  /// Sets one line of text; a rotation turns it about its position.
  package mutating func text(
    _ x: Double,
    _ y: Double,
    _ text: String,
    _ font: Font = Font(),
    anchor: Anchor = .start,
    rotation: Double = 0
  ) {
    let weight = font.isBold ? " font-weight=\"bold\"" : ""
    let halo =
      font.hasHalo ? " stroke=\"#fff\" stroke-width=\"4\" paint-order=\"stroke\"" : ""
    let turn = rotation == 0 ? "" : " transform=\"rotate(\(n(rotation)) \(n(x)) \(n(y)))\""
    elements.append(
      "<text x=\"\(n(x))\" y=\"\(n(y))\" font-size=\"\(n(font.size))\"\(weight)\(halo)"
        + " fill=\"\(font.colour)\" text-anchor=\"\(anchor.rawValue)\"\(turn)>"
        + "\(Self.escaped(words(text)))</text>"
    )
  }

  /// Sets text in lines no wider than `width`.
  ///
  /// - Returns: The baseline after the last line.
  @discardableResult
  package mutating func paragraph(
    _ x: Double,
    _ y: Double,
    _ text: String,
    _ font: Font = Font(),
    width: Double
  ) -> Double {
    var baseline = y
    for line in Self.lines(words(text), font, width: width) {
      self.text(x, baseline, line, font)
      baseline += font.size * 1.4
    }
    return baseline
  }

  /// The finished document.
  package func document(title: String, description: String) -> String {
    let frame = "viewBox=\"0 0 \(n(width)) \(n(height))\" width=\"\(n(width))\""
    let head =
      "<svg xmlns=\"http://www.w3.org/2000/svg\" \(frame) height=\"\(n(height))\" role=\"img\""
      + " font-family=\"Helvetica, Arial, 'DejaVu Sans', 'Noto Sans CJK SC', sans-serif\">"
    let words =
      "<title>\(Self.escaped(words(title)))</title>"
      + "<desc>\(Self.escaped(words(description)))</desc>"
    let paper = "<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>"
    return ([head, words, paper] + elements + ["</svg>"]).joined(separator: "\n") + "\n"
  }
}

extension SVGCanvas {
  /// A number with a fixed count of digits after the point.
  package static func fixed(_ number: Double, _ digits: Int) -> String {
    let text = String(format: "%.\(digits)f", number)
    // A rounded negative zero reads like a mistake.
    return text.allSatisfy { "-0.".contains($0) } && text.hasPrefix("-")
      ? String(text.dropFirst()) : text
  }

  /// Text with the characters that XML reserves replaced, and controls left out.
  package static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      case "\n", "\t": result += " "
      default: if scalar.value >= 0x20 { result.unicodeScalars.append(scalar) }
      }
    }
    return result
  }

  private func n(_ number: Double) -> String {
    Transform.text((number * 100).rounded() / 100)
  }

  private func attributes(_ stroke: Stroke) -> String {
    let dash = stroke.dash.isEmpty ? "" : " stroke-dasharray=\"\(stroke.dash)\""
    return "stroke=\"\(stroke.colour)\" stroke-width=\"\(n(stroke.width))\"\(dash)"
  }
}
