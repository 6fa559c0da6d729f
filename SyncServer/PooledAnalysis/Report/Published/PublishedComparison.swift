// SPDX-License-Identifier: Apache-2.0
import Foundation

/// The printed figures of the published study beside the same figures computed from its cohort.
public struct PublishedComparison: Codable, Hashable, Sendable {
  /// The publication.
  public var source: String
  /// Patients of the cohort that were analysed.
  public var n: Int
  /// Patients with the outcome.
  public var events: Int
  /// The figures in their printed order.
  public var rows: [Row]
  /// The contradictions, with the evidence filled in.
  public var contradictions: [Finding]

  /// Whether a printed figure is the computed one.
  public enum Agreement: String, Codable, Hashable, Sendable {
    /// Equal within half of the last printed digit.
    case agrees
    /// Not equal, but another computed quantity is: the row says which.
    case explained
    /// Neither.
    case differs
    /// Nothing to compare with in these data.
    case notComputable = "not_computable"
  }

  /// One figure.
  public struct Row: Codable, Hashable, Sendable {
    /// Where it is printed.
    public var place: String
    /// What it is of.
    public var item: String
    /// What it is.
    public var measure: String
    /// As printed.
    public var printed: String
    /// As computed, on the printed scale.
    public var computed: Double?
    /// Digits after the point, as printed.
    public var digits: Int
    /// Whether both agree.
    public var agreement: Agreement
    /// What the printed figure equals instead.
    public var explanation: String?
    /// The number of the contradiction it belongs to.
    public var contradiction: Int?
  }

  /// One contradiction with its evidence.
  public struct Finding: Codable, Hashable, Sendable {
    /// Its number.
    public var number: Int
    /// What the publication says.
    public var statement: String
    /// The evidence with its places, as the study's file has it.
    public var template: String
    /// What stands in the places.
    public var values: [String]
  }

  /// Rows of one kind.
  public func count(_ agreement: Agreement) -> Int { rows.count { $0.agreement == agreement } }
}

extension PublishedComparison {
  /// Compares the development patients with what was printed.
  ///
  /// - Parameters:
  ///   - rows: All patients; those of the development cohort are used, by their marker or their
  ///     counts.
  ///   - plan: The plan, whose predictors and comparators are fitted.
  ///   - tables: The printed figures.
  /// - Returns: The comparison; nil where the development cohort is not among the patients.
  public static func measure(
    _ rows: PooledRows,
    plan: AnalysisPlan,
    tables: PublishedTables
  ) -> PublishedComparison? {
    let set = AnalysisSet(rows, predictors: plan.predictors, plan: plan)
      .filtered { $0.isDevelopment }
    guard !set.patients.isEmpty else { return nil }
    let quantities = PublishedQuantities.measure(set, plan: plan)
    return PublishedComparison(
      source: tables.source,
      n: set.patients.count,
      events: set.patients.count(where: \.isEvent),
      rows: tables.figures.map { row($0, quantities) },
      contradictions: tables.contradictions.map { finding($0, quantities) }
    )
  }

  private static func row(
    _ figure: PublishedTables.Figure,
    _ quantities: [String: Double]
  ) -> Row {
    let digits = figure.printed.split(separator: ".").dropFirst().first?.count ?? 0
    var result = Row(
      place: figure.place,
      item: figure.item,
      measure: figure.measure,
      printed: figure.printed,
      digits: digits,
      agreement: .notComputable,
      contradiction: figure.contradiction
    )
    guard let printed = Double(figure.printed) else { return result }
    // Half a unit of the last digit, and what binary fractions add to it.
    let tolerance = 0.5 * pow(10, -Double(digits)) + 1e-9
    guard let computed = figure.quantity.flatMap({ quantities[$0] }) else { return result }
    result.computed = computed
    result.agreement = abs(computed - printed) <= tolerance ? .agrees : .differs
    let other = figure.explained.flatMap { quantities[$0] } ?? figure.bayes.map(predictiveValue)
    if result.agreement == .differs, let other, abs(other - printed) <= tolerance {
      result.agreement = .explained
      result.explanation = figure.explanation
    }
    return result
  }

  private static func predictiveValue(_ shares: PublishedTables.Shares) -> Double {
    let (ppv, npv) = PublishedIntervals.predictiveValues(
      sensitivity: shares.sensitivity / 100,
      specificity: shares.specificity / 100,
      prevalence: shares.prevalence / 100
    )
    return 100 * (shares.of == "ppv" ? ppv : npv)
  }

  /// Evidence with places `{1}`, `{2}`, … so that other languages can order them anew.
  private static func finding(
    _ own: PublishedTables.Contradiction,
    _ quantities: [String: Double]
  ) -> Finding {
    var (template, values, rest) = ("", [String](), own.evidence[...])
    while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
      let parts = rest[rest.index(after: open)..<close].split(separator: "|")
      let digits = parts.count > 1 ? Int(parts[1]) ?? 3 : 3
      let value = parts.first.flatMap { quantities[String($0)] }
      values.append(value.map { String(format: "%.\(digits)f", $0) } ?? ReportWords.absent)
      template += rest[..<open] + "{\(values.count)}"
      rest = rest[rest.index(after: close)...]
    }
    return Finding(
      number: own.number,
      statement: own.statement,
      template: template + rest,
      values: values
    )
  }
}
