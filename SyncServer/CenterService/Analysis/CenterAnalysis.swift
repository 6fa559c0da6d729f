// SPDX-License-Identifier: Apache-2.0

public import Center
import Crypto
public import Foundation
public import PooledAnalysis
public import Registry
import RiskModel

/// Joins what the centre keeps with the pooled analysis.
///
/// A cut is analysed under the plan that was in force when it was frozen, whatever was registered
/// since.
public struct CenterAnalysis: Sendable {
  private let center: Center
  private let study: Study?
  private let program: String?

  /// Works for a centre.
  ///
  /// - Parameters:
  ///   - center: The centre.
  ///   - study: The study, for what it adds to reports.
  ///   - program: The program's name and version, for reports.
  public init(center: Center, study: Study? = nil, program: String? = nil) {
    self.center = center
    self.study = study
    self.program = program
  }

  /// Validates a released model on a cut.
  ///
  /// - Parameters:
  ///   - cut: The cut.
  ///   - version: The release; the newest when nil.
  ///   - now: Seconds since 1970.
  ///   - workers: Tasks at once; their number changes no figure.
  /// - Returns: The figures.
  /// - Throws: `CenterServiceError.center` or `.analysis`.
  public func validate(
    cut: String,
    version: UInt64?,
    now: Int,
    workers: Workers = Workers()
  ) throws(CenterServiceError) -> ValidationReport {
    let (rows, plan) = try inputs(of: cut)
    let release = try released(version)
    let context = try gateContext(cut: cut, plan: plan, now: now)
    do {
      return try ModelValidation.validate(
        rows,
        release: release,
        plan: plan,
        context: context,
        workers: workers
      )
    } catch { throw .analysis(error) }
  }

  /// Everything that the printed report of a validation is made of; a refit of the same patients
  /// is part of it, and makes no candidate.
  ///
  /// - Parameters:
  ///   - report: What `validate` found.
  ///   - cut: The cut.
  ///   - version: The release; the newest when nil.
  ///   - now: Seconds since 1970.
  ///   - workers: Tasks at once; their number changes no figure.
  /// - Returns: The parts of the report.
  /// - Throws: `CenterServiceError.center` or `.analysis`.
  public func reportContent(
    _ report: ValidationReport,
    cut: String,
    version: UInt64?,
    now: Int,
    workers: Workers = Workers()
  ) throws(CenterServiceError) -> ReportContent {
    let (rows, plan) = try inputs(of: cut)
    let release = try released(version)
    let context = try gateContext(cut: cut, plan: plan, now: now)
    let own = try summary(of: cut)
    let extra = try study.map { study throws(CenterServiceError) in try Self.extra(study) } ?? nil
    return ReportContent(
      validation: report,
      refit: try? ModelRefit.refit(
        rows,
        plan: plan,
        incumbent: release,
        context: context,
        workers: workers
      ),
      plan: plan,
      release: release,
      subtitle: "Data cut \(cut)",
      provenance: ReportProvenance(
        cut: cut,
        dataSHA256: Center.hexadecimal(own.sha256),
        planSHA256: Center.hexadecimal(own.planSHA256),
        program: program,
        look: context.look
      ),
      study: extra,
      published: extra?.published.flatMap { .measure(rows, plan: plan, tables: $0) }
    )
  }

  private func summary(of cut: String) throws(CenterServiceError) -> DataCutSummary {
    do {
      return try center.cutSummary(of: cut)
    } catch { throw .center(error) }
  }

  /// Refits the plan's model on a cut and keeps the plan's choice as a candidate for release.
  ///
  /// - Parameters:
  ///   - cut: The cut.
  ///   - now: Seconds since 1970.
  ///   - workers: Tasks at once; their number changes no figure.
  /// - Returns: The figures and the candidate.
  /// - Throws: `CenterServiceError.center` or `.analysis`.
  public func refit(
    cut: String,
    now: Int,
    workers: Workers = Workers()
  ) throws(CenterServiceError) -> (report: RefitReport, candidate: ModelCandidate) {
    let (rows, plan) = try inputs(of: cut)
    let context = try gateContext(cut: cut, plan: plan, now: now)
    let incumbent: (bytes: Data, release: ModelRelease, base: UInt64)
    let hashes: (cut: Data, plan: Data)
    do throws(CenterError) {
      let bytes = try center.releasedModel()
      let frozen = try center.cut(cut)
      let release = try Self.read(bytes)
      incumbent = (bytes, release, max(release.version, try center.versionToExceed()))
      hashes = (frozen.sha256, frozen.planSHA256)
    } catch { throw .center(error) }
    let made = try Self.refit(
      rows,
      of: cut,
      plan: plan,
      incumbent: incumbent.release,
      baseVersion: incumbent.base,
      context: context,
      workers: workers
    )
    let origin = RefitOrigin(
      cut: cut,
      cutSHA256: Center.hexadecimal(hashes.cut),
      planSHA256: Center.hexadecimal(hashes.plan),
      incumbentVersion: incumbent.release.version,
      incumbentSHA256: Self.sha256(incumbent.bytes),
      baseVersion: incumbent.base,
      context: context,
      reportSHA256: Self.sha256(made.reportBytes),
      payloadSHA256: Self.sha256(made.release.encoded()),
      program: program ?? "unknown"
    )
    return (made.report, try keep(made, cut: cut, origin: origin, now: now))
  }

  private func keep(
    _ made: Refit,
    cut: String,
    origin: RefitOrigin,
    now: Int
  ) throws(CenterServiceError) -> ModelCandidate {
    do {
      return try center.addCandidate(
        made.release.encoded(),
        modelID: made.release.modelID,
        version: made.release.version,
        cut: cut,
        report: made.reportBytes,
        hasPassedGate: made.report.isGatePassed,
        origin: origin.encoded(),
        now: now
      )
    } catch { throw .center(error) }
  }

  /// What a refit gives: figures, the candidate's model, and the figures' bytes as they are kept.
  struct Refit {
    let report: RefitReport
    let release: ModelRelease
    let reportBytes: Data
  }

  /// Refits from everything that the result depends on.
  static func refit(
    _ rows: PooledRows,
    of cut: String,
    plan: AnalysisPlan,
    incumbent: ModelRelease,
    baseVersion: UInt64,
    context: GateContext,
    workers: Workers = Workers()
  ) throws(CenterServiceError) -> Refit {
    do throws(PooledAnalysisError) {
      let report = try ModelRefit.refit(
        rows,
        plan: plan,
        incumbent: incumbent,
        context: context,
        workers: workers
      )
      // After a restore, sites may have a newer release than the centre.
      let base = baseVersion > incumbent.version ? incumbent.numbered(baseVersion) : incumbent
      let release = try ModelRefit.candidate(from: report, plan: plan, incumbent: base, cut: cut)
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys]
      guard let bytes = try? encoder.encode(report) else {
        throw PooledAnalysisError.statisticFailed("report")
      }
      return Refit(report: report, release: release, reportBytes: bytes)
    } catch { throw .analysis(error) }
  }

  static func sha256(_ bytes: Data) -> String { Center.hexadecimal(SHA256.hash(data: bytes)) }

  private static func read(_ bytes: Data) throws(CenterError) -> ModelRelease {
    do {
      return try ModelRelease.decode(bytes)
    } catch { throw .channelDocument("model: \(error)") }
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
  ///   - bytes: The bytes of a plan; the study's own when nil.
  ///   - study: The study.
  ///   - subtitle: Names the file in the printed report.
  ///   - program: The program's name and version, for the report.
  ///   - workers: Tasks at once; their number changes no figure.
  /// - Returns: The figures, and what the printed report is made of.
  /// - Throws: `CenterServiceError.analysis`.
  public static func analyze(
    csv: Data,
    plan bytes: Data?,
    study: Study,
    subtitle: String,
    program: String? = nil,
    workers: Workers = Workers()
  ) throws(CenterServiceError) -> (report: AnalysisReport, content: ReportContent) {
    let planBytes = bytes ?? Data(study.planBytes)
    let plan = try self.plan(planBytes)
    let release = try release(Data(study.seedModelBytes))
    do {
      workers.tell("reading the file")
      let rows = try PooledRows.fromCSV(csv, study: study, plan: plan)
      let (report, model) = try Analysis.analyzeWithModel(
        rows,
        plan: plan,
        release: release,
        workers: workers
      )
      // A plan of another disease validates its own model: the study's words are not about it.
      let isStudys = model.modelID == release.modelID
      let extra = isStudys ? try StudyReportFile.decode(Data(study.reportBytes)) : nil
      let content = ReportContent(
        validation: report.validation,
        refit: report.refit,
        plan: try plan.expanded(for: rows),
        release: model,
        subtitle: subtitle,
        provenance: ReportProvenance(
          dataSHA256: Self.sha256(csv),
          planSHA256: Self.sha256(planBytes),
          program: program,
          look: 1
        ),
        study: extra,
        published: extra?.published.flatMap { .measure(rows, plan: plan, tables: $0) }
      )
      return (report, content)
    } catch { throw .analysis(error) }
  }

  /// What a study adds to reports; nil when it adds nothing.
  private static func extra(_ study: Study) throws(CenterServiceError) -> StudyReportFile? {
    guard !study.reportBytes.isEmpty else { return nil }
    do {
      return try StudyReportFile.decode(Data(study.reportBytes))
    } catch { throw .analysis(error) }
  }

  static func release(_ bytes: Data) throws(CenterServiceError) -> ModelRelease {
    do {
      return try ModelRelease.decode(bytes)
    } catch { throw .modelChannel("\(error)") }
  }
}
