// SPDX-License-Identifier: Apache-2.0

/// The likelihood of a random-intercept logistic model, integrated site by site.
///
/// Patients of a site with the same predictors are one row; rows lie column by column, site after
/// site, and each site is filled up to whole lanes with rows of nobody.
struct SiteLikelihood: Sendable {
  /// The rows of each site.
  private let ranges: [Range<Int>]
  /// The columns, the intercept not among them (shape: columns × rows).
  private let values: [Double]
  private let counts: [Double]
  private let events: [Double]
  private let nodes: [Double]
  /// log(weight) + node² for each node.
  private let logWeights: [Double]

  init(
    design: DesignMatrix,
    outcomes: [Bool],
    labels: LabelPositions,
    points: Int
  ) throws(BiostatisticsError) {
    let rule = try GaussHermite(count: points)
    nodes = rule.nodes
    logWeights = zip(rule.weights, rule.nodes).map { log($0) + $1 * $1 }
    var patterns = SitePatterns(labels.labels.count)
    for row in 0..<design.rowCount {
      patterns.add(
        (0..<design.columnCount).map { design[row, $0] },
        isEvent: outcomes[row],
        site: labels.positions[row]
      )
    }
    ranges = patterns.ranges
    counts = patterns.counts
    events = patterns.events
    let rows = patterns.rows
    values = (0..<design.columnCount).flatMap { column in
      rows.map { $0.isEmpty ? 0 : $0[column] }
    }
  }

  /// The log-likelihood at coefficients followed by the deviation, whose sign does not matter.
  func value(_ parameters: [Double]) -> Double {
    withSites(parameters) { site in
      let mode = site.mode()
      let curvature = site.slope(at: mode).curvature
      let width = (2 / curvature).squareRoot()
      let terms = zip(nodes, logWeights).map { $1 + site.logDensity(at: mode + width * $0) }
      let largest = terms.max() ?? 0
      let total = terms.reduce(0) { $0 + exp($1 - largest) }
      return largest + log(total) + log(width) - log(2 * Double.pi) / 2
    }.reduce(0, +)
  }

  /// The mode of every site's intercept.
  func intercepts(_ parameters: [Double]) -> [Double] {
    withSites(parameters) { $0.deviation * $0.mode() }
  }

  private func withSites(
    _ parameters: [Double],
    _ body: (Site) -> Double
  ) -> [Double] {
    let predictor = predictors(parameters)
    let deviation = abs(parameters[parameters.count - 1])
    return predictor.withUnsafeBufferPointer { predictor in
      counts.withUnsafeBufferPointer { counts in
        events.withUnsafeBufferPointer { events in
          guard let predictor = predictor.baseAddress, let counts = counts.baseAddress,
            let events = events.baseAddress
          else { return [] }
          return ranges.map { range in
            body(
              Site(
                rowCount: range.count,
                predictor: predictor + range.lowerBound,
                counts: counts + range.lowerBound,
                events: events + range.lowerBound,
                deviation: deviation
              )
            )
          }
        }
      }
    }
  }

  private func predictors(_ parameters: [Double]) -> [Double] {
    var result = [Double](repeating: parameters[0], count: counts.count)
    for column in 0..<(parameters.count - 2) {
      let (factor, start) = (parameters[column + 1], column * counts.count)
      for row in result.indices { result[row] += factor * values[start + row] }
    }
    return result
  }

  /// One site at given parameters, as a function of its standardised intercept.
  private struct Site {
    let rowCount: Int
    let predictor: UnsafePointer<Double>
    let counts: UnsafePointer<Double>
    let events: UnsafePointer<Double>
    let deviation: Double

    /// The log density of outcomes and intercept, without the normal constant.
    func logDensity(at intercept: Double) -> Double {
      let shift = Lanes(repeating: deviation * intercept)
      var sums = Lanes(repeating: 0)
      for row in Swift.stride(from: 0, to: rowCount, by: 4) {
        let eta = predictor.lanes(row) + shift
        let isPositive = eta .> 0
        let odds = LogisticLanes.exponential(eta.replacing(with: -eta, where: isPositive))
        let above = Lanes(repeating: 0).replacing(with: eta, where: isPositive)
        sums += events.lanes(row) * eta
        sums -= counts.lanes(row) * (above + LogisticLanes.logOnePlus(odds))
      }
      return sums.sum() - intercept * intercept / 2
    }

    /// The first derivative of the log density and its negative second.
    func slope(at intercept: Double) -> (slope: Double, curvature: Double) {
      let shift = Lanes(repeating: deviation * intercept)
      var (slopes, curvatures) = (Lanes(repeating: 0), Lanes(repeating: 0))
      for row in Swift.stride(from: 0, to: rowCount, by: 4) {
        let eta = predictor.lanes(row) + shift
        let isPositive = eta .> 0
        let odds = LogisticLanes.exponential(eta.replacing(with: -eta, where: isPositive))
        let larger = 1 / (1 + odds)
        let smaller = odds * larger
        let risk = smaller.replacing(with: larger, where: isPositive)
        slopes += events.lanes(row) - counts.lanes(row) * risk
        curvatures += counts.lanes(row) * (larger * smaller)
      }
      return (
        deviation * slopes.sum() - intercept, 1 + deviation * deviation * curvatures.sum()
      )
    }

    /// Newton's method on a concave function, kept between points of opposite slope.
    func mode() -> Double {
      var (low, high) = (-Double.infinity, Double.infinity)
      var place = 0.0
      for _ in 0..<200 {
        let (slope, curvature) = slope(at: place)
        if slope > 0 { low = place } else { high = place }
        var next = place + slope / curvature
        if next <= low || next >= high {
          next = low.isFinite && high.isFinite ? (low + high) / 2 : place + max(-5, min(5, slope))
        }
        if abs(next - place) <= 1e-14 * (1 + abs(place)) { return next }
        place = next
      }
      return place
    }
  }
}

/// Patients of each site counted by their predictors.
private struct SitePatterns {
  private var places: [[[Double]: Int]]
  private var own: [[(x: [Double], count: Double, events: Double)]]

  init(_ sites: Int) {
    places = Array(repeating: [:], count: sites)
    own = Array(repeating: [], count: sites)
  }

  mutating func add(_ x: [Double], isEvent: Bool, site: Int) {
    let place = places[site][x] ?? own[site].count
    if place == own[site].count {
      places[site][x] = place
      own[site].append((x, 0, 0))
    }
    own[site][place].count += 1
    own[site][place].events += isEvent ? 1 : 0
  }

  /// Rows of a site, filled up to whole lanes.
  private func padded(_ count: Int) -> Int { (count + 3) / 4 * 4 }

  private func filled(
    _ value: ((x: [Double], count: Double, events: Double)) -> Double
  )
    -> [Double]
  {
    own.flatMap { site in
      site.map(value) + [Double](repeating: 0, count: padded(site.count) - site.count)
    }
  }

  var counts: [Double] { filled(\.count) }
  var events: [Double] { filled(\.events) }

  /// The predictors of each row; empty for rows of nobody.
  var rows: [[Double]] {
    own.flatMap { site in
      site.map(\.x) + Array(repeating: [], count: padded(site.count) - site.count)
    }
  }

  var ranges: [Range<Int>] {
    var start = 0
    return own.map { site in
      defer { start += padded(site.count) }
      return start..<(start + padded(site.count))
    }
  }
}
