// SPDX-License-Identifier: Apache-2.0

public import Center
import Crypto
import Foundation
import PooledAnalysis
public import Registry
import RiskModel
import SyncProtocol

/// One thing that was made again and compared with what was released.
public struct ReplayStep: Codable, Equatable, Sendable {
  /// What, as a code.
  public let step: String
  /// What is on record: a hash, or words.
  public let recorded: String
  /// What was found or made again.
  public let found: String
  /// Where the two first differ; nil when they are the same.
  public let difference: String?
}

/// What a replay gave.
public struct ReplayResult: Codable, Equatable, Sendable {
  /// The release.
  public let version: UInt64
  /// The candidate that became it.
  public let candidate: String
  /// The cut it was refitted on; nil for a model that no cut made.
  public let cut: String?
  /// The steps up to the first difference.
  public let steps: [ReplayStep]

  /// Whether every byte was made again.
  public var isIdentical: Bool { steps.allSatisfy { $0.difference == nil } }
}

/// Makes a release again from the log of batches: cut, report, coefficients.
///
/// Nothing that was computed at the time is taken over: rows come from the batches up to the cut's
/// vectors, figures from these rows and the signed plan, the model from the figures. What is on
/// record is compared and never used.
public struct ReleaseReplay: Sendable {
  private let center: Center
  private let study: Study

  /// Replays releases of a centre.
  public init(center: Center, study: Study) {
    self.center = center
    self.study = study
  }

  /// Replays a release.
  ///
  /// - Parameters:
  ///   - version: The release.
  ///   - scratch: An empty store for the merge.
  /// - Returns: The steps; the last one is the first that differs, when one does.
  /// - Throws: `CenterServiceError.center(.unknownRelease)`, `.originUnknown`, or what keeps the
  ///   centre from looking at all.
  public func run(
    _ version: UInt64,
    scratch: any CenterStore
  ) throws(CenterServiceError) -> ReplayResult {
    let candidate = try candidate(version)
    var steps = ReplaySteps()
    do throws(ReplayStop) {
      try checkAudit(candidate, &steps)
      if candidate.cut != nil {
        let rows = try checkCut(candidate, scratch, &steps)
        try checkModel(candidate, rows, &steps)
      } else {
        try checkGiven(candidate, &steps)
      }
    } catch {
      if case .failed(let error) = error { throw error }
    }
    return ReplayResult(
      version: version,
      candidate: candidate.id,
      cut: candidate.cut,
      steps: steps.all
    )
  }

  private func candidate(_ version: UInt64) throws(CenterServiceError) -> ModelCandidate {
    do throws(CenterError) {
      let released = try center.modelCandidates().last {
        $0.version == version && $0.releasedAt != nil
      }
      guard let released else { throw CenterError.unknownRelease(version) }
      return released
    } catch { throw .center(error) }
  }

  /// The audit log is whole and says what is on record.
  private func checkAudit(
    _ candidate: ModelCandidate,
    _ steps: inout ReplaySteps
  ) throws(ReplayStop) {
    let size: UInt64
    do throws(CenterError) {
      size = try center.verifyAudit().size
    } catch {
      guard case .auditBroken(let entry) = error else { throw .failed(.center(error)) }
      try steps.add("audit_log", "whole", "broken", same: false, "entry \(entry)")
      throw .different
    }
    try steps.add("audit_log", "whole", "\(size) entries, whole", same: true)
    let payload = CenterAnalysis.sha256(candidate.envelope.payload)
    let noted = try noted("model_released", candidate.id, "sha256")
    try steps.compare("released_payload", noted ?? "no entry", payload)
    let published = try storing { () throws(CenterError) in
      try center.releasedModel(version: candidate.version)
    }
    try steps.compare("published_payload", payload, CenterAnalysis.sha256(published))
  }

  /// The cut is what was frozen, and what the log gives again.
  private func checkCut(
    _ candidate: ModelCandidate,
    _ scratch: any CenterStore,
    _ steps: inout ReplaySteps
  ) throws(ReplayStop) -> PooledRows {
    let id = candidate.cut ?? ""
    let origin = try storing { () throws(CenterError) in try center.origin(ofCut: id) }
    try steps.compare("dictionary", origin.dictionary, study.dictionary.version)
    let cut: DataCut
    do throws(CenterError) {
      cut = try center.cut(id)
    } catch {
      guard case .cutDamaged = error else { throw .failed(.center(error)) }
      try steps.add("cut_stored", "its hash", "another", same: false, "cut \(id)")
      throw .different
    }
    let sha256 = Center.hexadecimal(cut.sha256)
    try steps.compare("cut_stored", try noted("cut_made", id, "sha256") ?? "no entry", sha256)
    let rebuilt: Data
    do throws(CenterError) {
      rebuilt = try center.rebuiltContent(ofCut: id, study: study, in: scratch)
    } catch {
      guard case .logBroken(let site, let replica, let sequence) = error else {
        throw .failed(.center(error))
      }
      let place = "site \(site), replica \(replica), sequence \(sequence)"
      try steps.add("log", "as sealed", "altered or missing", same: false, place)
      throw .different
    }
    try steps.compare(
      "cut_rebuilt",
      sha256,
      CenterAnalysis.sha256(rebuilt),
      ReplayDifference.line(cut.content, rebuilt)
    )
    return PooledRows(rows: try storing { () throws(CenterError) in try center.rows(of: id) })
  }

  /// Report and coefficients come out again.
  private func checkModel(
    _ candidate: ModelCandidate,
    _ rows: PooledRows,
    _ steps: inout ReplaySteps
  ) throws(ReplayStop) {
    let kept = try storing { () throws(CenterError) in
      (try center.origin(ofCandidate: candidate.id), try center.plan(of: candidate.cut ?? ""))
    }
    guard let bytes = kept.0, let origin = try? JSONDecoder().decode(RefitOrigin.self, from: bytes)
    else { throw .failed(.center(.originUnknown(candidate.id))) }
    try steps.compare("plan", origin.planSHA256, CenterAnalysis.sha256(kept.1))
    let incumbent = try storing { () throws(CenterError) in
      try center.releasedModel(version: origin.incumbentVersion)
    }
    try steps.compare("incumbent", origin.incumbentSHA256, CenterAnalysis.sha256(incumbent))
    let made = try analysing { () throws(CenterServiceError) in
      let plan = try CenterAnalysis.plan(try SignedPlan.open(kept.1, center: center))
      return try CenterAnalysis.refit(
        rows,
        of: origin.cut,
        plan: plan,
        incumbent: try CenterAnalysis.release(incumbent),
        baseVersion: origin.baseVersion,
        context: origin.context
      )
    }
    try steps.compare("report_stored", origin.reportSHA256, CenterAnalysis.sha256(candidate.report))
    try steps.compare(
      "report",
      origin.reportSHA256,
      CenterAnalysis.sha256(made.reportBytes),
      ReplayDifference.json(candidate.report, made.reportBytes)
    )
    var payload = made.release.encoded()
    try steps.compare("candidate", origin.payloadSHA256, CenterAnalysis.sha256(payload))
    if let reason = candidate.overrideReason { payload = made.release.overridden(reason).encoded() }
    try steps.compare(
      "payload",
      CenterAnalysis.sha256(candidate.envelope.payload),
      CenterAnalysis.sha256(payload),
      ReplayDifference.json(candidate.envelope.payload, payload)
    )
  }

  /// A model that no cut made: the study's first one, or an earlier release given again.
  private func checkGiven(
    _ candidate: ModelCandidate,
    _ steps: inout ReplaySteps
  ) throws(ReplayStop) {
    let origin = try storing { () throws(CenterError) in
      try center.origin(ofCandidate: candidate.id)
    }
    let made: Data
    if let origin, let rollback = try? JSONDecoder().decode(RollbackOrigin.self, from: origin) {
      made = try analysing { () throws(CenterServiceError) in
        try ModelRollback.release(rollback, center: center).encoded()
      }
    } else {
      made = Data(study.seedModelBytes)
    }
    try steps.compare(
      origin == nil ? "study_model" : "earlier_release",
      CenterAnalysis.sha256(candidate.envelope.payload),
      CenterAnalysis.sha256(made),
      ReplayDifference.json(candidate.envelope.payload, made)
    )
  }

  /// What an audit entry says of something, the last one when there are several.
  private func noted(
    _ action: String,
    _ subject: String,
    _ detail: String
  ) throws(ReplayStop) -> String? {
    var found: String?
    var next = 1
    while true {
      let page = try storing { () throws(CenterError) in
        try center.auditEntries(from: next, limit: 1_000)
      }
      for entry in page {
        guard let json = try? StrictJSON.parse(Data(entry.canonical.utf8)),
          case .object(let members) = json, members["action"]?.text == action,
          members["entity"]?.text == subject
        else { continue }
        found = members[detail]?.text ?? found
      }
      guard let last = page.last else { return found }
      next = last.sequence + 1
    }
  }

  private func storing<Result>(
    _ body: () throws(CenterError) -> Result
  ) throws(ReplayStop) -> Result {
    do throws(CenterError) { return try body() } catch { throw .failed(.center(error)) }
  }

  private func analysing<Result>(
    _ body: () throws(CenterServiceError) -> Result
  ) throws(ReplayStop) -> Result {
    do throws(CenterServiceError) { return try body() } catch { throw .failed(error) }
  }
}

/// Why a replay goes no further.
enum ReplayStop: Error {
  /// Something differs; the last step says what.
  case different
  /// The centre could not look.
  case failed(CenterServiceError)
}

/// The steps of a replay as they are made.
struct ReplaySteps {
  private(set) var all: [ReplayStep] = []

  mutating func compare(
    _ step: String,
    _ recorded: String,
    _ found: String,
    _ place: @autoclosure () -> String? = nil
  ) throws(ReplayStop) {
    try add(step, recorded, found, same: recorded == found, place() ?? "all of it")
  }

  mutating func add(
    _ step: String,
    _ recorded: String,
    _ found: String,
    same: Bool,
    _ place: @autoclosure () -> String = ""
  ) throws(ReplayStop) {
    all.append(
      ReplayStep(
        step: step,
        recorded: recorded,
        found: found,
        difference: same ? nil : place()
      )
    )
    guard same else { throw .different }
  }
}
