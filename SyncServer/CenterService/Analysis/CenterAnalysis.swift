// SPDX-License-Identifier: Apache-2.0

public import Center
public import Foundation
public import PooledAnalysis
public import Registry
public import RiskModel

/// Joins what the centre keeps with the pooled analysis.
///
/// A cut is analysed under the plan that was in force when it was frozen, whatever was registered
/// since.
public struct CenterAnalysis: Sendable {
  private let center: Center

  /// Works for a centre.
  public init(center: Center) { self.center = center }

  /// A validation with everything its printed report needs.
  public struct Validation: Sendable {
    /// The figures.
    public let report: ValidationReport
    /// The plan of the cut.
    public let plan: AnalysisPlan
    /// The release that was validated.
    public let release: ModelRelease
    /// The report as a printable page.
    public let html: String
  }

  /// Validates a released model on a cut.
  ///
  /// - Parameters:
  ///   - cut: The cut.
  ///   - version: The release; the newest when nil.
  ///   - now: Seconds since 1970.
  /// - Returns: The figures and the printable page.
  /// - Throws: `CenterServiceError.center` or `.analysis`.
  public func validate(
    cut: String,
    version: UInt64?,
    now: Int
  ) throws(CenterServiceError) -> Validation {
    let (rows, plan) = try inputs(of: cut)
    let release = try released(version)
    let context = try gateContext(cut: cut, plan: plan, now: now)
    do {
      let report = try ModelValidation.validate(
        rows,
        release: release,
        plan: plan,
        context: context
      )
      return Validation(
        report: report,
        plan: plan,
        release: release,
        html: ReportHTML.validation(
          report,
          plan: plan,
          release: release,
          subtitle: "Data cut \(cut)"
        )
      )
    } catch { throw .analysis(error) }
  }

  /// Refits the plan's model on a cut and keeps the plan's choice as a candidate for release.
  ///
  /// - Parameters:
  ///   - cut: The cut.
  ///   - now: Seconds since 1970.
  /// - Returns: The figures and the candidate.
  /// - Throws: `CenterServiceError.center` or `.analysis`.
  public func refit(
    cut: String,
    now: Int
  ) throws(CenterServiceError) -> (report: RefitReport, candidate: ModelCandidate) {
    let (rows, plan) = try inputs(of: cut)
    let incumbent = try released(nil)
    let context = try gateContext(cut: cut, plan: plan, now: now)
    let base = try versioned(incumbent)
    let report: RefitReport
    let release: ModelRelease
    do {
      report = try ModelRefit.refit(rows, plan: plan, incumbent: incumbent, context: context)
      release = try ModelRefit.candidate(from: report, plan: plan, incumbent: base, cut: cut)
    } catch { throw .analysis(error) }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    guard let kept = try? encoder.encode(report) else {
      throw .analysis(.statisticFailed("report"))
    }
    do {
      let candidate = try center.addCandidate(
        release.encoded(),
        modelID: release.modelID,
        version: release.version,
        cut: cut,
        report: kept,
        hasPassedGate: report.isGatePassed,
        now: now
      )
      return (report, candidate)
    } catch { throw .center(error) }
  }

  private func inputs(
    of cut: String
  ) throws(CenterServiceError) -> (rows: PooledRows, plan: AnalysisPlan) {
    let content: (rows: [AnalysisRow], plan: Data)
    do {
      content = (try center.rows(of: cut), try center.plan(of: cut))
    } catch { throw .center(error) }
    let plan = try Self.plan(try SignedPlan.open(content.plan, center: center))
    return (PooledRows(rows: content.rows), plan)
  }

  /// Which look at the gate this is: refits of other cuts that were due, counted from the first.
  ///
  /// Refitting the same cut again is the same look.
  private func gateContext(
    cut: String,
    plan: AnalysisPlan,
    now: Int
  ) throws(CenterServiceError) -> GateContext {
    let earlier: [ModelCandidate]
    let required: Int
    let times: PlanTimes
    do {
      earlier = try center.modelCandidates()
      required = try center.requiredModelSignatures()
      times = try center.planTimes(of: cut)
    } catch { throw .center(error) }
    var context = GateContext(
      now: now,
      signaturesRequired: required,
      planTiming: PlanTiming(
        planRegistered: times.planRegistered,
        cutMade: times.cutMade,
        firstReceived: times.firstReceived,
        lastReceived: times.lastReceived,
        changesetsBefore: times.changesetsBefore,
        changesetsAfter: times.changesetsAfter
      )
    )
    var counted: Set<String> = []
    for candidate in earlier {
      guard let own = candidate.cut, own != cut,
        let report = try? JSONDecoder().decode(EarlierReport.self, from: candidate.report),
        report.isLook, let events = report.update?.evidence.events
      else { continue }
      counted.insert(own)
      context.lastLook = .init(at: candidate.madeAt, events: events)
    }
    context.look = counted.count + 1
    return context
  }

  /// The part of a refit's report that says whether it was a look.
  private struct EarlierReport: Decodable {
    let update: UpdateReport?
    let gate: [GateResult]

    var isLook: Bool { gate.contains { $0.criterion == "look" && $0.pass } }
  }

  /// The incumbent with the version that the next release must exceed: after a restore, sites may
  /// have a newer release than the centre.
  private func versioned(
    _ incumbent: ModelRelease
  ) throws(CenterServiceError) -> ModelRelease {
    let least: UInt64
    do {
      least = try center.versionToExceed()
    } catch { throw .center(error) }
    guard least > incumbent.version else { return incumbent }
    return ModelRelease(
      modelID: incumbent.modelID,
      version: least,
      name: incumbent.name,
      status: incumbent.status,
      outcome: incumbent.outcome,
      predictors: incumbent.predictors,
      intercept: incumbent.intercept,
      coefficients: incumbent.coefficients,
      covariance: incumbent.covariance,
      cutoff: incumbent.cutoff,
      isExternallyValidated: incumbent.isExternallyValidated,
      statement: incumbent.statement,
      warnings: incumbent.warnings,
      card: incumbent.card,
      vectors: incumbent.vectors
    )
  }

  private func released(_ version: UInt64?) throws(CenterServiceError) -> ModelRelease {
    let bytes: Data
    do {
      bytes = try center.releasedModel(version: version)
    } catch { throw .center(error) }
    return try Self.release(bytes)
  }
}

extension CenterAnalysis {
  /// Reads and checks an analysis plan.
  ///
  /// - Throws: `CenterServiceError.analysis`.
  public static func plan(_ bytes: Data) throws(CenterServiceError) -> AnalysisPlan {
    do {
      return try AnalysisPlan.decode(bytes)
    } catch { throw .analysis(error) }
  }

  /// Analyses a file of patients outside any registry: refit and validation of the study's model.
  ///
  /// - Parameters:
  ///   - csv: The file.
  ///   - plan: The bytes of a plan; the study's own when nil.
  ///   - study: The study.
  ///   - subtitle: Names the file in the printed report.
  /// - Returns: The figures and the printable page.
  /// - Throws: `CenterServiceError.analysis`.
  public static func analyze(
    csv: Data,
    plan: Data?,
    study: Study,
    subtitle: String
  ) throws(CenterServiceError) -> (report: AnalysisReport, html: String) {
    let plan = try self.plan(plan ?? Data(study.planBytes))
    let release = try release(Data(study.seedModelBytes))
    do {
      let rows = try PooledRows.fromCSV(csv, study: study, plan: plan)
      let (report, model) = try Analysis.analyzeWithModel(rows, plan: plan, release: release)
      let html = ReportHTML.validation(
        report.validation,
        refit: report.refit,
        plan: plan,
        release: model,
        subtitle: subtitle
      )
      return (report, html)
    } catch { throw .analysis(error) }
  }

  private static func release(_ bytes: Data) throws(CenterServiceError) -> ModelRelease {
    do {
      return try ModelRelease.decode(bytes)
    } catch { throw .modelChannel("\(error)") }
  }
}
