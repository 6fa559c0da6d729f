// SPDX-License-Identifier: Apache-2.0

import Registry

/// Under which name each site's patients are shown: small sites stand together.
struct SiteGroups {
  /// Sites with fewer patients are not shown alone.
  static let leastPatients = 50

  private let names: [String: String]
  /// The sites that stand together; empty when every site is large enough.
  let joined: Set<String>
  /// The names shown, in order.
  let shown: [String]

  /// Groups the sites of some rows.
  ///
  /// A joined group takes in the next larger site until it has two sites and enough patients.
  init(_ rows: [AnalysisRow]) {
    let counts = Dictionary(grouping: rows, by: \.site).mapValues(\.count)
    let bySize = counts.sorted { ($0.value, $0.key) < ($1.value, $1.key) }
    var joined: [String] = []
    var patients = 0
    for (site, count) in bySize {
      let isShort = !joined.isEmpty && (joined.count < 2 || patients < Self.leastPatients)
      guard count < Self.leastPatients || isShort else { break }
      joined.append(site)
      patients += count
    }
    self.joined = Set(joined)
    let name = joined.sorted().joined(separator: " + ")
    names = counts.keys.reduce(into: [:]) { $0[$1] = joined.contains($1) ? name : $1 }
    shown = Set(names.values).sorted()
  }

  /// The name under which a site is shown.
  func name(of site: String) -> String { names[site] ?? "" }
}
