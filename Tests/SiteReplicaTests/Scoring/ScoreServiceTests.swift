// SPDX-License-Identifier: Apache-2.0

import Registry
import RiskModel
import Testing

@testable import SiteReplica

@Suite struct ScoreServiceTests {
  @Test func `the embedded release scores until a signed one arrives`() throws {
    var device = try TestDevice()
    _ = try device.importText(try Practice.text("hill"))
    let model = try device.store.activeModel()
    #expect(!model.isSigned)
    let patient = try device.store.patient(mrn: "HIL000001", vault: device.vault)
    let score = try device.store.score(patient, with: model)
    #expect(score.version == 1)
    #expect((0..<1).contains(score.probability))
  }

  @Test func `missing predictors are named`() throws {
    var device = try TestDevice()
    _ = try device.importText(Practice.small)
    let patient = try device.store.patient(mrn: "A1", vault: device.vault)
    #expect(
      throws: SiteReplicaError.predictorsMissing(["t2_sir_week8", "adc_mean_week8"])
    ) { try device.store.score(patient, with: device.store.activeModel()) }
  }
}
