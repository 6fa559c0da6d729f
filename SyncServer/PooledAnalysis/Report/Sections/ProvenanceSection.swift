// SPDX-License-Identifier: Apache-2.0
import Foundation
import RiskModel

/// What a repetition needs: seeds, versions, hashes.
struct ProvenanceSection: ReportSection {
  let id = "provenance"
  let title = "Seeds, versions and hashes"

  func write(to page: inout ReportPage) {
    let words = page.words
    page.table(
      ["", ""],
      ProvenanceRows.rows(page.content).map {
        [words($0.name), $0.value.map(words.translated) ?? words("not recorded")]
      },
      note: words(
        "The same cut, plan, release and program give the same figures to the last bit."
      ),
      worded: [1]
    )
    addTiming(&page)
  }

  /// The plan's date against the dates of the data.
  private func addTiming(_ page: inout ReportPage) {
    let words = page.words
    page.subheading(words("The plan's date against those of the data"))
    guard let own = page.report.planTiming else {
      page.paragraph(
        words("Not known: outside a registry nobody keeps the time at which a plan was written.")
      )
      return
    }
    page.table(
      [words("Event"), words("Time (UTC)"), words("Changes received")],
      [
        [words("First data received"), time(own.firstReceived), ""],
        [
          words("Plan registered"), time(own.planRegistered),
          words("{1} before", "\(own.changesetsBefore)"),
        ],
        [
          words("Last data received"), time(own.lastReceived),
          words("{1} after", "\(own.changesetsAfter)"),
        ],
        [words("Data cut"), time(own.cutMade), ""],
      ]
    )
    page.paragraph(
      own.isPlanFirst
        ? words("The plan was registered before any data came.")
        : words(
          "{1} changes came before the plan was registered: it cannot be shown that it was written before the data were seen.",
          "\(own.changesetsBefore)"
        )
    )
  }

  private func time(_ seconds: Int?) -> String {
    seconds.map {
      Date(timeIntervalSince1970: Double($0)).formatted(.iso8601)
    } ?? ReportWords.absent
  }
}

/// What identifies the data, the plan, the programs and the random numbers of a report.
enum ProvenanceRows {
  static func rows(_ content: ReportContent) -> [(name: String, value: String?)] {
    let own = content.provenance
    let plan = content.plan
    var rows: [(String, String?)] = [
      ("Data", own.cut.map { "Data cut \($0)" } ?? content.subtitle),
      ("SHA-256 of the data", own.dataSHA256),
      ("Plan", plan.name),
      ("SHA-256 of the plan", own.planSHA256),
      ("Release", "\(content.release.modelID) \(content.release.version)"),
      ("Program", own.program),
      ("Look at the gate", own.look.map { "\($0)" }),
      ("Seed of the bootstrap", "\(plan.bootstrap.seed), \(plan.bootstrap.samples)"),
      ("Data sets of the multiple imputation", "\(plan.imputations)"),
    ]
    if let veto = plan.gate?.netBenefit {
      rows.append(("Seed of the net-benefit intervals", "\(veto.seed), \(veto.samples)"))
    }
    return rows.map { (name: $0.0, value: $0.1) }
  }
}
