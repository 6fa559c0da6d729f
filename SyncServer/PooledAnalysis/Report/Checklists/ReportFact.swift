// SPDX-License-Identifier: Apache-2.0
import RiskModel

/// A thing that a checklist asks for, and that a report has or has not.
enum ReportFact: String, CaseIterable, Codable, Sendable {
  case modelNamed = "model_named"
  case outcomeDefined = "outcome_defined"
  case intendedUse = "intended_use"
  case decisions, source, setting, eligibility, treatments, flow, blinding, cutoff, code, hashes
  case dataPreparation = "data_preparation"
  case predictorsDefined = "predictors_defined"
  case sampleSize = "sample_size"
  case missingCounted = "missing_counted"
  case missingHandled = "missing_handled"
  case external
  case modelFull = "model_full"
  case modelBuilding = "model_building"
  case internalValidation = "internal_validation"
  case crossValidation = "cross_validation"
  case clusters, heterogeneity, discrimination, calibration, intervals, classification, updating
  case parameterHeterogeneity = "parameter_heterogeneity"
  case netBenefit = "net_benefit"
  case subgroups, fairness, events, sensitivity, limitations, continuous, landmark
  case developmentCompared = "development_compared"
  case inputRanges = "input_ranges"
  case registration
  case protocolStated = "protocol"
  case ethics, consent, funding, interests, involvement, sharing
  case enoughEvents = "enough_events"
  case enoughSites = "enough_sites"
  case enoughPatients = "enough_patients"
  case dates, scanners, readers, characteristics
  case missingBySite = "missing_by_site"
  case planFirst = "plan_first"

  /// What is missing when the fact does not hold, in English.
  var name: String {
    switch self {
    case .modelNamed: "name of the model"
    case .outcomeDefined: "definition of the outcome"
    case .intendedUse: "intended use"
    case .decisions: "decision at each threshold"
    case .source: "source of the model"
    case .setting: "setting of every site"
    case .eligibility: "criteria of eligibility"
    case .treatments: "treatments received"
    case .flow: "flow of patients"
    case .blinding: "blinding of the assessors"
    case .cutoff: "cut-off and risk groups"
    case .code: "program and version"
    case .hashes: "hashes of data and plan"
    case .dataPreparation: "refused rows and impossible values"
    case .predictorsDefined: "definition of the predictors"
    case .sampleSize: "reasons for the sample size"
    case .missingCounted: "missing values by predictor"
    case .missingHandled: "multiple imputation beside complete cases"
    case .external: "external patients"
    case .modelFull: "all coefficients and the intercept"
    case .modelBuilding: "steps of model building"
    case .internalValidation: "internal validation"
    case .crossValidation: "internal–external cross-validation"
    case .clusters: "performance of every site"
    case .heterogeneity: "heterogeneity of performance between sites"
    default: laterName
    }
  }

  private var laterName: String {
    switch self {
    case .discrimination: "discrimination"
    case .calibration: "calibration slope and curve"
    case .intervals: "intervals of the estimates"
    case .classification: "sensitivity and specificity at the cut-off"
    case .updating: "results of updating"
    case .parameterHeterogeneity: "heterogeneity of coefficients between sites"
    case .netBenefit: "net benefit"
    case .subgroups: "subgroups"
    case .fairness: "performance by several characteristics of patients"
    case .events: "patients and events of every analysis"
    case .sensitivity: "sensitivity analyses"
    case .limitations: "limitations"
    case .continuous: "predictors that are not dichotomised"
    case .landmark: "survival from the landmark"
    case .developmentCompared: "development cohort beside external patients"
    case .inputRanges: "expected range of every input"
    case .registration: "registration"
    case .protocolStated: "protocol"
    case .ethics: "ethics approval of every site"
    case .consent: "consent at every site"
    case .funding: "funding"
    case .interests: "competing interests"
    case .involvement: "involvement of patients and the public"
    case .sharing: "availability of the data"
    case .enoughEvents: "at least 100 external patients with and 100 without the outcome"
    case .enoughSites: "at least three external sites that are large enough"
    case .enoughPatients: "as many patients as the search for the model needs"
    case .dates: "calendar period of the data"
    case .scanners: "field strength and b values by site"
    case .readers: "agreement of the readers and its effect on the score"
    case .characteristics: "characteristics of the patients by site"
    case .missingBySite: "missing values by site and outcome"
    case .planFirst: "a plan registered before the data"
    default: rawValue
    }
  }
}
