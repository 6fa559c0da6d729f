// SPDX-License-Identifier: Apache-2.0
import Foundation
import RiskModel
import Testing

@testable import PooledAnalysis

@Suite struct ReportFiguresTests {
  @Test func `few risks are shown as points, many as a smooth curve with its band`() throws {
    var content = try ReportHTMLTests.content.get()
    let few = ReportFigures(content)
    #expect(!few.calibrationPoints.isEmpty)
    #expect(few.smooth.isEmpty)
    content.validation.riskPatterns = (1...60).map { place in
      RiskPatternSummary(
        risk: Double(place) / 61,
        n: 2,
        events: place % 3 == 0 ? 1 : place > 40 ? 2 : 0,
        low: 0,
        high: 1
      )
    }
    let many = ReportFigures(content)
    #expect(many.calibrationPoints.isEmpty)
    #expect(many.smooth.count == 61)
    #expect(many.smooth.allSatisfy { $0.low < $0.observed && $0.observed < $0.high })
  }

  @Test func `every patient is in one bin of the risks`() throws {
    let content = try ReportHTMLTests.content.get()
    let own = content.validation.summary.performance
    let bins = ReportFigures(content).riskBins
    #expect(bins.reduce(0) { $0 + $1.events } == own.events)
    #expect(bins.reduce(0) { $0 + $1.nonEvents } == own.n - own.events)
  }

  @Test func `the cut-off's row is the classification of the report`() throws {
    let content = try ReportHTMLTests.content.get()
    let own = content.validation.summary.performance
    let row = try #require(
      ReportFigures(content).thresholds.first { $0.threshold == content.release.cutoff }
    )
    #expect(Double(row.truePositive) / Double(own.events) == own.sensitivity)
    #expect(Double(row.trueNegative) / Double(own.n - own.events) == own.specificity)
  }

  @Test func `many sites make several drawings with one scale`() {
    let lines = (1...200).map {
      ForestFigure.Line(name: "S\($0)", counts: "10/20", value: 0.7, low: 0.6, high: 0.8)
    }
    let figure = ForestFigure(
      title: "AUC",
      lines: lines,
      pooled: nil,
      reference: 0.5,
      isLogarithmic: false,
      words: ReportWords(.english)
    )
    #expect(figure.drawings().count == 5)
  }

  @Test func `patients at risk are those whose time is not yet over`() {
    let group = LandmarkSurvival.Group(
      riskGroup: "high",
      n: 3,
      events: 2,
      curve: [
        .init(time: 5, atRisk: 3, survival: 0.67), .init(time: 8, atRisk: 2, survival: 0.67),
        .init(time: 9, atRisk: 1, survival: 0),
      ],
      competing: 0,
      incidence: []
    )
    #expect([0, 5, 6, 9, 10].map { group.atRisk(at: $0) } == [3, 3, 2, 1, 0])
  }
}
