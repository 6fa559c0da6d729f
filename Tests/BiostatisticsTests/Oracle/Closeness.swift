// SPDX-License-Identifier: Apache-2.0
import Testing

/// Whether a value agrees with its reference, relative to the reference above 1 and absolutely
/// below; the references are printed with 15 digits.
func isClose(_ value: Double, _ reference: Double, within tolerance: Double = 1e-8) -> Bool {
  abs(value - reference) <= tolerance * max(1, abs(reference))
}

/// Whether a value agrees with its reference relative to the reference alone.
func isRelativelyClose(
  _ value: Double,
  _ reference: Double,
  within tolerance: Double = 1e-8
) -> Bool {
  abs(value - reference) <= tolerance * abs(reference)
}

/// Expects every value to agree with its reference.
func expectClose(
  _ values: [Double],
  _ references: [Double],
  within tolerance: Double = 1e-8,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(values.count == references.count, sourceLocation: sourceLocation)
  for (value, reference) in zip(values, references) {
    #expect(
      isClose(value, reference, within: tolerance),
      "\(value) is not \(reference)",
      sourceLocation: sourceLocation
    )
  }
}
