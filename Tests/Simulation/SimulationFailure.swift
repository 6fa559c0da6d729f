// SPDX-License-Identifier: Apache-2.0

/// What must never happen, and did.
enum SimulationFailure: Error, Equatable, CustomStringConvertible {
  /// A rule of the protocol does not hold; where and which.
  case broken(String, String)

  var description: String {
    switch self {
    case .broken(let place, let rule): "\(place): \(rule)"
    }
  }
}

/// Fails the simulation unless a rule holds.
func require(
  _ holds: Bool,
  _ place: @autoclosure () -> String,
  _ rule: @autoclosure () -> String
) throws {
  if !holds { throw SimulationFailure.broken(place(), rule()) }
}
