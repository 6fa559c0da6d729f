// SPDX-License-Identifier: Apache-2.0
import RiskModel

extension ReportPage {
  /// The ladder, and each way to update as left-out sites see it.
  mutating func addUpdate(_ refit: RefitReport) {
    guard let update = refit.update else { return }
    heading("Updating the current release")
    paragraph(
      "The closed test takes: \(Self.words(update.step.rawValue)). Look \(update.context.look)."
    )
    table(
      ["Smaller step against the largest", "χ²", "Degrees of freedom", "p"],
      update.tests.map {
        [
          Self.words($0.step.rawValue), Self.number($0.statistic, 2), "\($0.degreesOfFreedom)",
          Self.p($0.p),
        ]
      }
    )
    table(
      [
        "Left-out sites", "n", "Log loss − current (SE)", "Slope", "O:E", "AUC − current",
      ],
      update.compared.map { own in
        [
          Self.words(own.name), "\(own.n)",
          own.logLossDifference.map {
            "\(Self.number($0.estimate, 4)) (\(Self.number($0.se, 4)))"
          } ?? Self.absent,
          Self.number(own.slope?.estimate, 2), Self.number(own.oe?.estimate, 2),
          Self.number(own.aucDifference),
        ]
      },
      note: "Each row as if it had been fixed in advance; the ladder repeats its choice without "
        + "each site. Other forms of the predictors use patients with measured values and are "
        + "reported only."
    )
    table(
      ["Site", "n", "Events", "Update without it", "Log loss − current (95 %)"],
      update.evidence.sites.map {
        [
          $0.site, "\($0.n)", "\($0.events)", Self.words($0.step.rawValue),
          "\(Self.number($0.difference, 4)) (\(Self.range($0.low, $0.high, 4)))",
        ]
      }
    )
  }

  /// What speaks about the search for the model: instability, sample size, screening.
  mutating func addSearch(_ refit: RefitReport) {
    if let own = refit.instability {
      paragraph(
        "Instability: in the resamples a patient's risk moves by "
          + "\(Self.number(own.meanChange)) on average, by \(Self.number(own.largestChange)) "
          + "where it moves most."
      )
      table(
        ["Predicted risk", "n", "95 % of resamples", "Mean change"],
        own.patterns.prefix(16).map {
          [
            Self.number($0.risk), "\($0.n)", Self.range($0.low, $0.high),
            Self.number($0.change),
          ]
        }
      )
    }
    if let own = refit.randomIntercept {
      table(
        ["With an intercept for each of \(own.sites) sites", "Odds ratio (95 %)"],
        own.coefficients.map {
          [
            Self.term($0.term),
            "\(Self.number($0.oddsRatio, 2)) (\(Self.range($0.low, $0.high, 2)))",
          ]
        },
        note: "SD of the intercepts \(Self.number(own.deviation)); median odds ratio between two "
          + "sites \(Self.number(own.medianOddsRatio, 2))."
      )
    }
    list(
      refit.sampleSize.map {
        "Sample size for \($0.parameters) candidate parameters at the R² of the \($0.source) "
          + "patients (\(Self.number($0.coxSnell)), shrunk): \($0.needed) patients are needed; "
          + "there are \($0.n) with \($0.events) events."
      }
    )
    addScreening(refit)
  }

  private mutating func addScreening(_ refit: RefitReport) {
    guard let screening = refit.screening else { return }
    heading("Candidates one by one, as the published study screened them")
    table(
      ["Candidate", "n", "Odds ratio (95 %)", "p", "Kept", "LASSO", "As published"],
      screening.rows.map { row in
        [
          row.candidate, "\(row.n)",
          row.oddsRatio.map { "\(Self.number($0, 2)) (\(Self.range(row.low, row.high, 2)))" }
            ?? Self.absent,
          row.p.map { Self.p($0) } ?? Self.absent, row.isKept ? "yes" : "no",
          row.isInLasso.map {
            $0 ? (row.isInSparseLasso == true ? "yes, sparse too" : "yes") : "no"
          }
            ?? Self.absent,
          row.published ?? "",
        ]
      },
      note: "For the report alone; nothing screened here enters a candidate. Measured values here, "
        + "categories in the published table. LASSO on \(screening.complete) patients with all "
        + "candidates, \(screening.folds) folds, seed \(screening.seed).",
      lastIsText: true
    )
    list(screening.notes)
  }

  /// The primary analysis under other choices, and the second outcome.
  mutating func addSensitivity() {
    guard !report.sensitivity.isEmpty else { return }
    heading("Sensitivity")
    table(
      ["Analysis", "n", "Events", "AUC (95 %)", "Slope (95 %)", "In the large (95 %)", ""],
      report.sensitivity.map { own in
        [
          Self.words(own.name) + (own.site.map { " \($0)" } ?? ""), "\(own.n)", "\(own.events)",
          Self.limited(own.auc), Self.limited(own.slope, 2), Self.limited(own.inTheLarge, 2),
          own.note ?? "",
        ]
      },
      lastIsText: true
    )
    guard let second = report.secondEndpoint else { return }
    let own = second.performance
    paragraph(
      "Second endpoint, \(second.label): n \(own.n), \(own.events) events, AUC "
        + "\(Self.limited(own.auc)). The probability is of the first endpoint, so calibration is "
        + "not asked."
    )
  }

  private static func words(_ key: String) -> String { key.replacing("_", with: " ") }
}
