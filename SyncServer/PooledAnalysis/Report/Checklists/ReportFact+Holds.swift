// SPDX-License-Identifier: Apache-2.0
import RiskModel

extension ReportFact {
  /// Whether a report has it; nothing is taken on trust.
  func holds(in content: ReportContent) -> Bool {
    holdsForModel(content) ?? holdsForPatients(content) ?? holdsForPerformance(content)
      ?? holdsForConduct(content) ?? false
  }

  private func holdsForModel(_ content: ReportContent) -> Bool? {
    let release = content.release
    switch self {
    case .modelNamed: return !release.name.isEmpty
    case .outcomeDefined: return !release.outcome.statement.isEmpty
    case .intendedUse: return !release.card.intendedUse.isEmpty
    case .decisions: return !(content.study?.decisions.isEmpty ?? true)
    case .source: return !release.card.source.isEmpty
    case .limitations: return !release.card.limitations.isEmpty
    case .cutoff: return release.cutoff > 0 && release.cutoff < 1
    case .predictorsDefined:
      return release.predictors.allSatisfy { !$0.label.isEmpty && !$0.unit.isEmpty }
    case .inputRanges: return release.predictors.allSatisfy { $0.low < $0.high }
    case .continuous:
      return !release.predictors.contains {
        if case .threshold = $0.transform { true } else { false }
      }
    case .modelFull: return !content.validation.summary.coefficients.isEmpty
    case .modelBuilding: return content.refit != nil
    case .internalValidation: return content.refit?.optimism != nil
    case .crossValidation: return content.refit?.crossValidation != nil
    case .parameterHeterogeneity: return content.refit?.randomIntercept != nil
    case .sampleSize: return !(content.refit?.sampleSize.isEmpty ?? true)
    case .enoughPatients:
      let stated = content.refit?.sampleSize ?? []
      return !stated.isEmpty && stated.allSatisfy { $0.n >= $0.needed }
    case .updating: return content.refit?.update != nil
    case .code: return content.provenance.program != nil
    case .hashes:
      return content.provenance.dataSHA256 != nil && content.provenance.planSHA256 != nil
    default: return nil
    }
  }

  private func holdsForPatients(_ content: ReportContent) -> Bool? {
    let report = content.validation
    switch self {
    case .flow, .dataPreparation, .events: return report.flow.patients > 0
    case .missingCounted:
      return report.flow.missingPredictor == 0 || !report.flow.missingByPredictor.isEmpty
    case .missingHandled:
      return report.flow.missingPredictor == 0
        || report.sensitivity.contains { $0.name == "multiple_imputation" && $0.auc != nil }
    case .external: return report.external != nil
    case .developmentCompared:
      return report.external != nil && (report.development != nil || content.published != nil)
    case .treatments, .subgroups: return !report.byGroup.isEmpty
    case .fairness: return Set(report.byGroup.compactMap(\.column)).count >= 2
    case .sensitivity: return !report.sensitivity.isEmpty
    case .landmark: return report.survival != nil
    case .missingBySite: return !report.missingness.isEmpty
    case .scanners: return !report.acquisition.isEmpty
    case .readers: return report.readerEffect != nil
    case .planFirst: return report.planTiming?.isPlanFirst ?? false
    case .enoughEvents:
      return report.external.map { $0.events >= 100 && $0.n - $0.events >= 100 } ?? false
    case .enoughSites: return report.bySite.count { !$0.development && !$0.isSmall } >= 3
    default: return nil
    }
  }

  private func holdsForPerformance(_ content: ReportContent) -> Bool? {
    let report = content.validation
    let own = report.summary.performance
    switch self {
    case .clusters: return report.bySite.count > 1
    case .heterogeneity: return report.pooled.auc?.predictionLow != nil
    case .discrimination: return own.auc != nil
    case .calibration: return own.calibration?.slope != nil && !report.riskPatterns.isEmpty
    case .intervals: return own.auc?.low != nil
    case .classification: return own.sensitivity != nil
    case .netBenefit: return !report.decisionCurve.isEmpty
    default: return nil
    }
  }

  private func holdsForConduct(_ content: ReportContent) -> Bool? {
    let conduct = content.plan.conduct
    let sites = Set(content.validation.bySite.compactMap(\.site))
    func everySite(_ value: (AnalysisPlan.Conduct.Site) -> String?) -> Bool {
      !sites.isEmpty && sites.allSatisfy { conduct?.sites?[$0].flatMap(value) != nil }
    }
    switch self {
    case .registration: return conduct?.registration != nil
    case .protocolStated: return conduct?.protocolReference != nil
    case .eligibility: return conduct?.eligibility != nil
    case .dates: return conduct?.period != nil
    case .blinding: return conduct?.blinding != nil
    case .funding: return conduct?.funding != nil
    case .interests: return conduct?.interests != nil
    case .involvement: return conduct?.involvement != nil
    case .sharing: return conduct?.sharing != nil
    case .ethics: return everySite(\.approval)
    case .consent: return everySite(\.consent)
    case .setting: return everySite(\.setting)
    default: return nil
    }
  }
}
