// SPDX-License-Identifier: Apache-2.0

/// Registration, and the ethics approval of every site.
struct ConductSection: ReportSection {
  let id = "conduct"
  let title = "Registration and ethics"

  func write(to page: inout ReportPage) {
    let words = page.words
    let conduct = page.content.plan.conduct
    page.paragraph(
      conduct?.registration.map { words("Registered: {1}.", $0) }
        ?? words("No registration of the study is stated in the plan.")
    )
    let none = words("not recorded")
    page.table(
      [words("Site"), words("Setting"), words("Ethics approval"), words("Consent")],
      Set(page.report.bySite.compactMap(\.site)).sorted().map { site in
        let own = conduct?.sites?[site]
        return [site, own?.setting ?? none, own?.approval ?? none, own?.consent ?? none]
      },
      note: words(
        "As stated in the plan. What is not recorded there must be given by the site before anything is published."
      ),
      worded: [1, 2, 3]
    )
    let rest = [
      ("Period: {1}.", conduct?.period), ("Eligibility: {1}.", conduct?.eligibility),
      ("Blinding: {1}.", conduct?.blinding),
      ("Protocol: {1}.", conduct?.protocolReference), ("Funding: {1}.", conduct?.funding),
      ("Interests: {1}.", conduct?.interests),
      ("Patients and public: {1}.", conduct?.involvement), ("Data: {1}.", conduct?.sharing),
    ]
    page.list(rest.compactMap { text, value in value.map { words(text, $0) } })
  }
}
