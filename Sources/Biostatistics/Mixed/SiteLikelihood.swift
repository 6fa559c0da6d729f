// SPDX-License-Identifier: Apache-2.0

/// The likelihood of a random-intercept logistic model, integrated site by site.
struct SiteLikelihood: Sendable {
  /// Patients of one site with the same predictors.
  private struct Pattern {
    let x: [Double]
    var count = 0.0
    var events = 0.0
  }

  private let sites: [[Pattern]]
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
    var sites = labels.labels.map { _ in [Pattern]() }
    var places = labels.labels.map { _ in [[Double]: Int]() }
    for row in 0..<design.rowCount {
      let x = [1] + (0..<design.columnCount).map { design[row, $0] }
      let site = labels.positions[row]
      let place = places[site][x] ?? sites[site].count
      if place == sites[site].count {
        places[site][x] = place
        sites[site].append(Pattern(x: x))
      }
      sites[site][place].count += 1
      sites[site][place].events += outcomes[row] ? 1 : 0
    }
    self.sites = sites
  }

  /// The log-likelihood at coefficients followed by the deviation, whose sign does not matter.
  func value(_ parameters: [Double]) -> Double {
    let deviation = abs(parameters[parameters.count - 1])
    return sites.reduce(0) { sum, patterns in
      let site = Site(patterns, parameters: parameters, deviation: deviation)
      let mode = site.mode()
      let curvature = site.curvature(at: mode)
      let width = (2 / curvature).squareRoot()
      let terms = zip(nodes, logWeights).map { $1 + site.logDensity(at: mode + width * $0) }
      let largest = terms.max() ?? 0
      let total = terms.reduce(0) { $0 + exp($1 - largest) }
      return sum + largest + log(total) + log(width) - log(2 * Double.pi) / 2
    }
  }

  /// The mode of every site's intercept.
  func intercepts(_ parameters: [Double]) -> [Double] {
    let deviation = abs(parameters[parameters.count - 1])
    return sites.map {
      deviation * Site($0, parameters: parameters, deviation: deviation).mode()
    }
  }

  /// One site at given parameters, as a function of its standardised intercept.
  private struct Site {
    private let patterns: [Pattern]
    private let predictors: [Double]
    private let deviation: Double

    init(_ patterns: [Pattern], parameters: [Double], deviation: Double) {
      self.patterns = patterns
      self.deviation = deviation
      predictors = patterns.map { pattern in
        zip(pattern.x, parameters).reduce(0) { $0 + $1.0 * $1.1 }
      }
    }

    /// The log density of outcomes and intercept, without the normal constant.
    func logDensity(at intercept: Double) -> Double {
      var sum = -intercept * intercept / 2
      for (pattern, predictor) in zip(patterns, predictors) {
        let eta = predictor + deviation * intercept
        sum += pattern.events * eta - pattern.count * logOnePlusExp(eta)
      }
      return sum
    }

    func curvature(at intercept: Double) -> Double {
      var sum = 1.0
      for (pattern, predictor) in zip(patterns, predictors) {
        let eta = predictor + deviation * intercept
        let weight = Logit.inverse(eta) * Logit.inverse(-eta)
        sum += pattern.count * weight * deviation * deviation
      }
      return sum
    }

    private func slope(at intercept: Double) -> Double {
      var sum = -intercept
      for (pattern, predictor) in zip(patterns, predictors) {
        let risk = Logit.inverse(predictor + deviation * intercept)
        sum += deviation * (pattern.events - pattern.count * risk)
      }
      return sum
    }

    /// Newton's method on a concave function, kept between points of opposite slope.
    func mode() -> Double {
      var (low, high) = (-Double.infinity, Double.infinity)
      var place = 0.0
      for _ in 0..<200 {
        let slope = slope(at: place)
        if slope > 0 { low = place } else { high = place }
        var next = place + slope / curvature(at: place)
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
