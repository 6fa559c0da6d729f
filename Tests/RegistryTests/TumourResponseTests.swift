// SPDX-License-Identifier: Apache-2.0
import Registry
import Testing

@Suite struct TumourResponseTests {
  private func category(
    _ baseline: Double?,
    _ nadir: Double?,
    _ current: Double?,
    isNew: Bool? = nil,
    nonTarget: NonTargetResponse? = nil
  ) -> ResponseCategory {
    ResponseMeasurements(
      baseline: baseline,
      nadir: nadir,
      current: current,
      hasNewLesion: isNew,
      nonTarget: nonTarget
    ).category
  }

  @Test func `no enhancement left is complete`() {
    #expect(category(50, 50, 0) == .complete)
  }

  @Test func `thirty percent less is partial, a little less is stable`() {
    #expect(category(50, 50, 35) == .partial)
    #expect(category(50, 50, 35.1) == .stable)
  }

  @Test func `twenty percent more than the smallest sum is progression`() {
    #expect(category(50, 40, 48) == .progressive)
    #expect(category(50, 40, 47.9) == .stable)
  }

  @Test func `growth from the smallest sum is progression also below baseline`() {
    #expect(category(100, 20, 30) == .progressive)
  }

  @Test func `enhancement that returns after a complete response is progression`() {
    #expect(category(50, 0, 5) == .progressive)
  }

  @Test func `the smallest sum includes baseline`() {
    #expect(category(50, 80, 61) == .progressive)
  }

  @Test func `a new lesion is progression whatever the targets`() {
    #expect(category(50, 50, 0, isNew: true) == .progressive)
    #expect(category(nil, nil, nil, isNew: true) == .progressive)
  }

  @Test(arguments: [
    (NonTargetResponse.progressive, ResponseCategory.progressive), (.persistent, .partial),
    (.notEvaluable, .partial), (.complete, .complete), (.absent, .complete),
  ])
  func `non-target lesions qualify a complete target response`(
    nonTarget: NonTargetResponse,
    expected: ResponseCategory
  ) {
    #expect(category(50, 50, 0, nonTarget: nonTarget) == expected)
  }

  @Test func `without a measured baseline or current sum nothing follows`() {
    #expect(category(nil, nil, 10) == .notEvaluable)
    #expect(category(0, 0, 10) == .notEvaluable)
    #expect(category(50, 50, nil) == .notEvaluable)
  }
}
