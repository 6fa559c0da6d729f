// SPDX-License-Identifier: Apache-2.0

/// Optimism, instability, random intercepts and sample size.
struct StabilitySection: ReportSection {
  let id = "stability"
  let title = "Optimism, instability and sample size"

  func isShown(_ content: ReportContent) -> Bool {
    guard let refit = content.refit else { return false }
    return refit.optimism != nil || refit.instability != nil || !refit.sampleSize.isEmpty
  }

  func write(to page: inout ReportPage) {
    guard let refit = page.content.refit else { return }
    let words = page.words
    if let own = refit.optimism { page.paragraph(optimism(own, words)) }
    if let own = refit.instability { add(own, &page) }
    if let own = refit.randomIntercept { add(own, &page) }
    page.list(
      refit.sampleSize.map {
        words(
          "Sample size for {1} candidate parameters at the R² of the {2} patients ({3}, shrunk): {4} patients are needed; there are {5} with {6} events.",
          "\($0.parameters)",
          words.translated($0.source),
          words.number($0.coxSnell),
          "\($0.needed)",
          "\($0.n)",
          "\($0.events)"
        )
      }
    )
  }

  private func optimism(_ own: BootstrapOptimism, _ words: ReportWords) -> String {
    words(
      "Corrected for optimism by {1} resamples (seed {2}, {3} without a fit): AUC {4} (apparent {5}), calibration slope {6}, Brier score {7}. Cut-offs of the predictors were not searched anew in the resamples.",
      "\(own.samples)",
      own.seed.map { "\($0)" } ?? words("given"),
      "\(own.failed)",
      words.number(own.correctedAUC),
      words.number(own.apparentAUC),
      words.number(own.correctedSlope),
      words.number(own.correctedBrier)
    )
  }

  private func add(_ own: Instability, _ page: inout ReportPage) {
    let words = page.words
    page.paragraph(
      words(
        "Instability: in the resamples a patient's risk moves by {1} on average, by {2} where it moves most.",
        words.number(own.meanChange),
        words.number(own.largestChange)
      )
    )
    guard !own.patterns.isEmpty else { return }
    page.add("<div class=\"figures\">")
    page.figure(
      InstabilityFigure(patterns: own.patterns, words: words).svg(),
      words("Where 95 % of the resamples put each risk; circles sized by patients.")
    )
    page.add("<div>")
    page.table(
      [words("Predicted risk"), "n", words("95 % of resamples"), words("Mean change")],
      own.patterns.prefix(16).map {
        [words.number($0.risk), "\($0.n)", words.range($0.low, $0.high), words.number($0.change)]
      }
    )
    page.add("</div></div>")
  }

  private func add(_ own: RandomInterceptSensitivity, _ page: inout ReportPage) {
    let words = page.words
    page.table(
      [
        words("With an intercept for each of {1} sites", "\(own.sites)"),
        words("Odds ratio (95 %)"),
      ],
      own.coefficients.map {
        [
          words.term($0.term),
          "\(words.number($0.oddsRatio, 2)) (\(words.range($0.low, $0.high, 2)))",
        ]
      },
      note: words(
        "SD of the intercepts {1}; median odds ratio between two sites {2}.",
        words.number(own.deviation),
        words.number(own.medianOddsRatio, 2)
      )
    )
  }
}
