// SPDX-License-Identifier: Apache-2.0
import Foundation
import RiskModel
import Testing

@Suite struct ModelReleaseTests {
  @Test func `release 1 holds the recovered coefficients`() throws {
    let release = try SeedModel.release()
    let expected = try SeedModel.expected("logistic_mle_seed.json")["coef"] as? [String: Double]
    let names = ["(Intercept)", "t2sir_ge_1418", "adcmean_ge_1085", "nlr_ge_441"]
    let reference = try names.map { try #require(expected?[$0]) }
    // JSONSerialization may miss the last bit of a double.
    for (own, other) in zip([release.intercept] + release.coefficients, reference) {
      #expect(abs(own - other) < 1e-14)
    }
  }

  @Test func `terms are named by column and threshold`() throws {
    #expect(
      try SeedModel.release().termNames
        == ["t2_sir_week8>=1.418", "adc_mean_week8>=1.085", "nlr>=4.41"]
    )
  }

  @Test func `encoding and decoding return the same release`() throws {
    let release = try SeedModel.release()
    #expect(try ModelRelease.decode(release.encoded()) == release)
  }

  @Test func `release 1 states that it is not externally validated`() throws {
    let release = try SeedModel.release()
    #expect(!release.isExternallyValidated)
    #expect(release.statement == "Research use; not externally validated.")
  }

  @Test func `another kind of document is refused`() throws {
    let bytes = try SeedModel.altered { $0["type"] = "root" }
    #expect(throws: RiskModelError.notAModel(type: "root")) { try ModelRelease.decode(bytes) }
  }

  @Test func `a coefficient too few is refused`() throws {
    let bytes = try SeedModel.altered { $0["coefficients"] = [1.0, 2.0] }
    #expect(throws: RiskModelError.coefficientCountDiffers(terms: 3, coefficients: 2)) {
      try ModelRelease.decode(bytes)
    }
  }

  @Test func `a covariance that is not symmetric is refused`() throws {
    let bytes = try SeedModel.altered { object in
      var covariance = object["covariance"] as? [[Double]] ?? []
      covariance[0][1] = 0.5
      object["covariance"] = covariance
    }
    #expect(throws: RiskModelError.covarianceMalformed) { try ModelRelease.decode(bytes) }
  }

  @Test func `a release whose vectors are not reproduced is refused`() throws {
    let bytes = try SeedModel.altered { $0["intercept"] = -0.351119253 }
    #expect(throws: RiskModelError.vectorNotReproduced(index: 0)) {
      try ModelRelease.decode(bytes)
    }
  }

  @Test func `a release without vectors is refused`() throws {
    let bytes = try SeedModel.altered { $0["vectors"] = [Any]() }
    #expect(throws: RiskModelError.noTestVectors) { try ModelRelease.decode(bytes) }
  }

  @Test func `a missing key is named`() throws {
    let bytes = try SeedModel.altered { $0["cutoff"] = nil }
    #expect(throws: RiskModelError.malformedRelease("cutoff")) { try ModelRelease.decode(bytes) }
  }

  @Test func `bytes that are not JSON are refused`() {
    #expect(throws: RiskModelError.self) { try ModelRelease.decode(Data("no".utf8)) }
  }
}
