// SPDX-License-Identifier: Apache-2.0

import RiskModel

/// The refitted models on the same patients.
struct RefitSection: ReportSection {
  let id = "refit"
  let title = "Refit"

  func isShown(_ content: ReportContent) -> Bool { content.refit != nil }

  func write(to page: inout ReportPage) {
    guard let refit = page.content.refit else { return }
    let words = page.words
    page.paragraph(
      words(
        "{1} patients of {2} sites. The plan chooses {3}: {4}. All figures here are apparent: the model saw these patients.",
        "\(refit.models[refit.chosen]?.performance.n ?? 0)",
        "\(refit.sites.count)",
        words.key(refit.chosen),
        words.translated(refit.reason)
      )
    )
    let names = refit.models.keys.sorted()
    page.table(
      [words("Odds ratio (95 %)")] + names.map(words.key),
      (refit.models[refit.chosen]?.coefficients.map(\.term) ?? []).map { term in
        [words.term(term)] + names.map { oddsRatio(refit.models[$0], term, words) }
      }
    )
    let comparators = page.content.plan.comparators.map(\.name)
    let rows =
      names.map { ($0, refit.models[$0]) } + comparators.map { ($0, refit.comparators[$0]) }
    page.table(
      [
        words("Model"), "n", words("Events"), words("AUC (95 %)"), words("Deviance"),
        words("Brier"), words("Cut-off"),
      ],
      rows.compactMap { name, model in
        (model?.performance).map { own in
          [
            words.key(name), "\(own.n)", "\(own.events)", words.limited(own.auc),
            words.number(own.deviance, 1), words.number(own.brier), words.number(own.cutoff),
          ]
        }
      }
    )
    page.table(
      [words("AUC difference on the same patients"), words("Difference (95 %)"), "Z", "p"],
      refit.comparisons.map { Self.row($0, words) }
    )
    if let selection = refit.selection { add(selection, refit, &page) }
    page.list(
      refit.notComputed.sorted { $0.key < $1.key }.map {
        words("Not computed, {1}: {2}.", words.key($0.key), words.translated($0.value))
      }
    )
  }

  /// What the plan's selection kept, and how steadily.
  private func add(_ own: SelectionReport, _ refit: RefitReport, _ page: inout ReportPage) {
    let words = page.words
    let names = page.content.plan.predictors.map(\.column)
    page.table(
      [
        words("Selection of predictors"), words("Kept"), words("Share of resamples"),
        words("Left-out sites"),
      ],
      names.map { name in
        let sites = own.bySite.values.count { $0.contains(name) }
        return [
          words.translated(name), own.kept.contains(name) ? words("yes") : words("no"),
          words.percent(own.inclusion[name]), "\(sites)/\(own.bySite.count)",
        ]
      },
      note: words(
        "Backward, by deviance + {1} × parameters; repeated wherever the model is fitted.",
        words.number(own.penaltyPerParameter, 2)
      )
    )
  }

  private func oddsRatio(_ model: ModelSummary?, _ term: String, _ words: ReportWords) -> String {
    let own = model?.coefficients.first { $0.term == term }
    return own.map {
      "\(words.number($0.oddsRatio, 2)) (\(words.range($0.low, $0.high, 2)))"
    } ?? ReportWords.absent
  }

  /// A difference of two AUCs.
  static func row(_ own: AUCDifference, _ words: ReportWords) -> [String] {
    [
      "\(words.key(own.first)) − \(words.key(own.second))",
      "\(words.number(own.difference)) (\(words.range(own.low, own.high)))",
      words.number(own.z), words.p(own.p),
    ]
  }
}
