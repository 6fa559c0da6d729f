// SPDX-License-Identifier: Apache-2.0

import RiskModel

extension ModelRelease {
  /// The same model under another version, with another status and card when given.
  func numbered(
    _ version: UInt64,
    status: String? = nil,
    card: ModelCard? = nil
  ) -> ModelRelease {
    ModelRelease(
      modelID: modelID,
      version: version,
      name: name,
      status: status ?? self.status,
      outcome: outcome,
      predictors: predictors,
      intercept: intercept,
      coefficients: coefficients,
      covariance: covariance,
      cutoff: cutoff,
      isExternallyValidated: isExternallyValidated,
      statement: statement,
      warnings: warnings,
      card: card ?? self.card,
      vectors: vectors
    )
  }
}
