// SPDX-License-Identifier: Apache-2.0

/// A logistic regression with a normal random intercept for each site.
///
/// The likelihood is integrated over the intercepts by adaptive Gauss–Hermite quadrature about
/// each site's mode; one point is Laplace's approximation. Standard errors come from the observed
/// information of coefficients and deviation together, as lme4 prints them. With few sites they
/// are too small, and so is the deviation.
///
/// Source: Pinheiro & Bates, J Comput Graph Stat 1995;4:12–35,
/// doi:10.1080/10618600.1995.10474663; Bates et al., J Stat Softw 2015;67(1),
/// doi:10.18637/jss.v067.i01.
public struct RandomInterceptLogistic: Equatable, Sendable {
  /// The table of fixed coefficients, the intercept first, with Wald limits and p values.
  public let coefficients: [Coefficient]
  /// The covariance of the fixed coefficients.
  public let covariance: SymmetricMatrix
  /// The standard deviation of the intercepts between sites, at least 0.
  public let deviation: Double
  /// The log-likelihood, integrated over the intercepts.
  public let logLikelihood: Double
  /// The labels of the sites in rising order.
  public let sites: [Int]
  /// The mode of each site's intercept about the mean, in the order of `sites`.
  public let siteIntercepts: [Double]
  /// Quadrature points for each site.
  public let points: Int
  /// Steps taken until convergence.
  public let iterations: Int

  /// The names of the fixed terms, the intercept first.
  public var terms: [String] { coefficients.map(\.term) }
  /// The fixed coefficients, the intercept first.
  public var estimates: [Double] { coefficients.map(\.estimate) }
  /// Their standard errors.
  public var standardErrors: [Double] { coefficients.map(\.standardError) }

  /// The share of the variance of the latent outcome that is between sites,
  /// σ² / (σ² + π²/3).
  public var latentIntraclassCorrelation: Double {
    deviation * deviation / (deviation * deviation + Double.pi * Double.pi / 3)
  }

  /// The median odds ratio between two sites for the same patient, e^(√2 σ Φ⁻¹(¾)).
  ///
  /// Source: Merlo et al., J Epidemiol Community Health 2006;60:290–297,
  /// doi:10.1136/jech.2004.029454.
  public var medianOddsRatio: Double {
    exp(Double(2.0).squareRoot() * deviation * 0.674489750196082)
  }
}

extension RandomInterceptLogistic {
  /// Fits the model by maximum likelihood.
  ///
  /// - Parameters:
  ///   - design: The predictors (shape: n × p), complete.
  ///   - outcomes: Observed events (shape: n).
  ///   - sites: A label for each patient (shape: n), of at least two sites.
  ///   - points: Quadrature points, in 1...60; 1 is Laplace's approximation.
  ///   - confidence: The level of the limits, in (0, 1).
  /// - Returns: The fit at full convergence; a deviation of 0 when sites do not differ.
  /// - Throws: What `LogisticFit.fit` refuses, since the fit starts there; `tooFew` sites,
  ///   `outOfRange`, or `notConverged`.
  public static func fit(
    _ design: DesignMatrix,
    outcomes: [Bool],
    sites: [Int],
    points: Int = 25,
    confidence: Double = 0.95
  ) throws(BiostatisticsError) -> RandomInterceptLogistic {
    guard sites.count == outcomes.count else {
      throw .countsDiffer(expected: outcomes.count, found: sites.count)
    }
    let critical = try Normal.criticalValue(confidence: confidence)
    let start = try LogisticFit.fit(design, outcomes: outcomes)
    let labels = LabelPositions(sites)
    guard labels.labels.count > 1 else {
      throw .tooFew(what: "sites", needed: 2, found: labels.labels.count)
    }
    let likelihood = try SiteLikelihood(
      design: design,
      outcomes: outcomes,
      labels: labels,
      points: points
    )
    let maximum = try CurvedMaximum.find(
      start: start.estimates + [0.5],
      scales: start.standardErrors + [0.3],
      of: { likelihood.value($0) }
    )
    let deviation = abs(maximum.place[start.terms.count])
    let (rows, covariance) = try fixedEffects(start.terms, maximum, critical: critical)
    return RandomInterceptLogistic(
      coefficients: rows,
      covariance: covariance,
      deviation: deviation < 1e-6 ? 0 : deviation,
      logLikelihood: maximum.value,
      sites: labels.labels,
      siteIntercepts: likelihood.intercepts(maximum.place),
      points: points,
      iterations: maximum.iterations
    )
  }

  private static func fixedEffects(
    _ terms: [String],
    _ maximum: CurvedMaximum,
    critical: Double
  ) throws(BiostatisticsError) -> ([Coefficient], SymmetricMatrix) {
    let inverse = maximum.factor.inverse()
    var covariance = SymmetricMatrix(dimension: terms.count)
    var rows: [Coefficient] = []
    for (row, term) in terms.enumerated() {
      for column in 0...row { covariance[row, column] = inverse[row, column] }
      rows.append(
        try .wald(
          term: term,
          estimate: maximum.place[row],
          standardError: inverse[row, row].squareRoot(),
          criticalValue: critical
        )
      )
    }
    return (rows, covariance)
  }

  /// Whose risk is predicted.
  public enum NewSite: String, Equatable, Hashable, Codable, Sendable {
    /// That of a patient at a site with the mean intercept.
    case typical
    /// The mean risk over all sites that could have been drawn.
    case averaged
  }

  /// The predicted risks for patients of a site that is not in the fit.
  ///
  /// - Parameters:
  ///   - design: A design with the columns of the fit (shape: n × p).
  ///   - newSite: A site with the mean intercept, or the average over sites.
  /// - Returns: Risks in [0, 1] (shape: n).
  /// - Throws: `columnsDiffer`.
  public func predict(
    _ design: DesignMatrix,
    newSite: NewSite = .averaged
  ) throws(BiostatisticsError) -> [Double] {
    let predictor = try LinearPredictor.compute(design, coefficients: coefficients)
    guard newSite == .averaged, deviation > 0 else { return predictor.map { Logit.inverse($0) } }
    let rule = try GaussHermite(count: 25)
    let scale = 1 / Double.pi.squareRoot()
    return predictor.map { center in
      zip(rule.nodes, rule.weights).reduce(0) {
        $0 + $1.1 * scale * Logit.inverse(center + Double(2.0).squareRoot() * deviation * $1.0)
      }
    }
  }
}
