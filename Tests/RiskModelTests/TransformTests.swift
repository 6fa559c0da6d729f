// SPDX-License-Identifier: Apache-2.0
import Foundation
import RiskModel
import Testing

@Suite struct TransformTests {
  @Test(arguments: [(1.417, 0.0), (1.418, 1.0), (1.419, 1.0)])
  func `a threshold is reached at its value`(value: Double, term: Double) {
    #expect(Transform.threshold(atLeast: 1.418).terms(value) == [term])
  }

  @Test func `a logarithm is undefined at zero`() {
    #expect(Transform.logarithm.terms(0) == nil)
  }

  @Test func `a spline is linear beyond its outer knots`() throws {
    let spline = Transform.restrictedCubicSpline(knots: [1, 2, 4, 7])
    let values = try [8.0, 9, 10].map { try #require(spline.terms($0)) }
    for term in 0..<3 {
      let first = values[1][term] - values[0][term]
      let second = values[2][term] - values[1][term]
      #expect(abs(first - second) < 1e-9)
    }
  }

  @Test func `a spline has one term fewer than knots`() {
    let spline = Transform.restrictedCubicSpline(knots: [1, 2, 4])
    #expect(spline.terms(3)?.count == spline.termCount)
    #expect(spline.termNames(column: "age") == ["rcs(age,1)", "rcs(age,2)"])
  }

  @Test(arguments: [
    Transform.threshold(atLeast: 4.41), .linear, .logarithm,
    .restrictedCubicSpline(knots: [1, 2, 3]),
  ])
  func `JSON returns the same transform`(transform: Transform) throws {
    let bytes = try JSONEncoder().encode(transform)
    #expect(try JSONDecoder().decode(Transform.self, from: bytes) == transform)
  }

  @Test(arguments: [
    #"{"kind": "cube"}"#, #"{"kind": "threshold"}"#,
    #"{"kind": "restricted_cubic_spline", "knots": [2, 1, 3]}"#,
  ])
  func `an unusable transform is refused`(text: String) {
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(Transform.self, from: Data(text.utf8))
    }
  }
}
