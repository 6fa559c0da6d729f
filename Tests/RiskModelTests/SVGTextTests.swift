// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import RiskModel

@Suite struct SVGTextTests {
  private let font = SVGCanvas.Font(size: 10)

  @Test func `a Chinese character takes a whole em, a digit about half`() {
    #expect(SVGCanvas.width("风险", font) == 20)
    #expect(SVGCanvas.width("00", font) < 12)
  }

  @Test func `a text that is too long ends in an ellipsis and fits`() {
    let text = SVGCanvas.fitted("The First Affiliated Hospital", font, width: 60)
    #expect(text.hasSuffix("…"))
    #expect(SVGCanvas.width(text, font) <= 60)
  }

  @Test func `a text that fits stays whole`() {
    #expect(SVGCanvas.fitted("NORTH", font, width: 60) == "NORTH")
  }

  @Test func `lines break between words, and between Chinese characters`() {
    let english = SVGCanvas.lines("one two three four", font, width: 50)
    #expect(english.joined(separator: " ") == "one two three four")
    #expect(english.count > 1)
    let chinese = SVGCanvas.lines("六个月时未达到客观缓解的概率", font, width: 60)
    #expect(chinese.joined() == "六个月时未达到客观缓解的概率")
    #expect(chinese.allSatisfy { SVGCanvas.width($0, font) <= 60 })
  }

  @Test func `no line begins with a mark that closes`() {
    for width in stride(from: 20.0, through: 120, by: 10) {
      let lines = SVGCanvas.lines("仅供研究，未经外部验证。不是停止治疗的理由。", font, width: width)
      #expect(lines.allSatisfy { !$0.hasPrefix("，") && !$0.hasPrefix("。") })
    }
  }
}
