// SPDX-License-Identifier: Apache-2.0
import RiskModel

/// Discrimination, calibration and net benefit, as figures.
struct PerformanceSection: ReportSection {
  let id = "performance"
  let title = "Discrimination, calibration, net benefit"

  func write(to page: inout ReportPage) {
    let words = page.words
    let content = page.content
    let report = page.report
    let figures = ReportFigures(content)
    let name = page.populationName
    let calibration =
      figures.smooth.isEmpty
      ? words(
        "Observed share by predicted risk, Wilson 95 % limits, circles sized by patients; {1}.",
        name
      )
      : words(
        "Observed share by predicted risk: loess with its 95 % band; integrated calibration index {1}; {2}.",
        words.number(figures.integratedIndex),
        name
      )
    page.figures([
      (
        ROCFigure(points: report.roc, performance: report.summary.performance, words: words).svg(),
        words("ROC curve, {1}.", name)
      ),
      (CalibrationFigure(figures: figures, words: words).svg(), calibration),
      (
        RiskFigure(bins: figures.riskBins, cutoff: content.release.cutoff, words: words).svg(),
        words("Predicted risks by outcome, {1}.", name)
      ),
      (
        DecisionFigure(
          points: report.decisionCurve,
          thresholds: content.plan.gate?.netBenefit.thresholds ?? [],
          words: words
        ).svg(),
        words("Net benefit by threshold probability, {1}; ticks: thresholds of the gate.", name)
      ),
    ])
  }
}
