// SPDX-License-Identifier: Apache-2.0
import Biostatistics
import Foundation

/// Patients with equal terms and outcome, counted by site.
///
/// A model of thresholds has a handful of distinct rows whatever its size, so a fit without one
/// site is a fit of the totals less that site's counts. With continuous predictors a pattern is a
/// patient.
package struct PatternTable: Sendable {
  /// A patient of the table.
  package struct Patient: Sendable {
    let site: String
    let isDevelopment: Bool
    let terms: [Double]
    let isEvent: Bool

    /// Joins the parts.
    package init(site: String, isDevelopment: Bool, terms: [Double], isEvent: Bool) {
      self.site = site
      self.isDevelopment = isDevelopment
      self.terms = terms
      self.isEvent = isEvent
    }
  }

  /// One external site.
  struct Site: Sendable {
    let name: String
    /// Patterns that occur here.
    var places: [Int] = []
    /// How often (shape: as `places`).
    var counts: [Double] = []
    var events = 0.0
    var n = 0.0
  }

  let termNames: [String]
  private(set) var terms: [[Double]] = []
  private(set) var outcomes: [Bool] = []
  /// External sites, by name.
  private(set) var sites: [Site] = []
  /// External patients by pattern.
  private(set) var external: [Double] = []
  /// Development patients by pattern.
  private(set) var development: [Double] = []

  /// Counts patients; sites are ordered by name.
  package init(termNames: [String], patients: [Patient]) {
    self.termNames = termNames
    var known: [[Double]: Int] = [:]
    var bySite: [String: [Int: Double]] = [:]
    for patient in patients {
      let place = self.place(patient.terms, patient.isEvent, &known)
      if patient.isDevelopment {
        development[place] += 1
      } else {
        external[place] += 1
        bySite[patient.site, default: [:]][place, default: 0] += 1
      }
    }
    sites = bySite.keys.sorted().map { name in
      var site = Site(name: name)
      for (place, count) in (bySite[name] ?? [:]).sorted(by: { $0.key < $1.key }) {
        site.places.append(place)
        site.counts.append(count)
        site.n += count
        if outcomes[place] { site.events += count }
      }
      return site
    }
  }

  private mutating func place(
    _ terms: [Double],
    _ isEvent: Bool,
    _ known: inout [[Double]: Int]
  ) -> Int {
    let key = terms + [isEvent ? 1 : 0]
    if let place = known[key] { return place }
    let place = self.terms.count
    known[key] = place
    self.terms.append(terms)
    outcomes.append(isEvent)
    external.append(0)
    development.append(0)
    return place
  }
}

extension PatternTable {
  /// Rows that a model is fitted to.
  struct Rows: Sendable {
    let termNames: [String]
    var terms: [[Double]] = []
    var outcomes: [Bool] = []
    var counts: [Double] = []

    var events: Double {
      zip(outcomes, counts).reduce(0) { $0 + ($1.0 ? $1.1 : 0) }
    }
    var n: Double { counts.reduce(0, +) }

    func design() throws(BiostatisticsError) -> DesignMatrix {
      try DesignMatrix(
        columnNames: termNames,
        columns: termNames.indices.map { index in terms.map { $0[index] } }
      )
    }

    func linearPredictor(_ coefficients: [Double]) -> [Double] {
      terms.map { PatternTable.linearPredictor($0, coefficients) }
    }
  }

  /// All external patients but those of one site, and the development patients where asked.
  func rows(leavingOut site: Int?, withDevelopment: Bool) -> Rows {
    var totals = external
    if let site {
      for (place, count) in zip(sites[site].places, sites[site].counts) { totals[place] -= count }
    }
    if withDevelopment { for place in totals.indices { totals[place] += development[place] } }
    return rows(totals)
  }

  /// The patients of one site.
  func rows(of site: Int) -> Rows {
    let own = sites[site]
    var rows = Rows(termNames: termNames)
    rows.terms = own.places.map { terms[$0] }
    rows.outcomes = own.places.map { outcomes[$0] }
    rows.counts = own.counts
    return rows
  }

  private func rows(_ totals: [Double]) -> Rows {
    var rows = Rows(termNames: termNames)
    for place in totals.indices where totals[place] > 0 {
      rows.terms.append(terms[place])
      rows.outcomes.append(outcomes[place])
      rows.counts.append(totals[place])
    }
    return rows
  }

  /// Intercept first.
  static func linearPredictor(_ terms: [Double], _ coefficients: [Double]) -> Double {
    var sum = coefficients[0]
    for index in terms.indices { sum += coefficients[index + 1] * terms[index] }
    return sum
  }

  /// −log likelihood of one outcome at a linear predictor.
  static func loss(_ predictor: Double, _ isEvent: Bool) -> Double {
    let signed = isEvent ? -predictor : predictor
    return signed > 0 ? signed + log1p(exp(-signed)) : log1p(exp(signed))
  }
}
