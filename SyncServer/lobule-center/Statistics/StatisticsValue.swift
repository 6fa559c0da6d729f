// SPDX-License-Identifier: Apache-2.0

import Biostatistics

/// A result as JSON: what is infinite or was not reached is written as null, never left out.
enum StatisticsValue: Encodable {
  case number(Double?)
  case integer(Int)
  case flag(Bool)
  case text(String)
  case list([StatisticsValue])
  case object([String: StatisticsValue])

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .number(let value):
      if let value { try container.encode(value) } else { try container.encodeNil() }
    case .integer(let value): try container.encode(value)
    case .flag(let value): try container.encode(value)
    case .text(let value): try container.encode(value)
    case .list(let values): try container.encode(values)
    case .object(let members): try container.encode(members)
    }
  }

  /// One number for each term.
  static func byTerm(
    _ coefficients: [Coefficient],
    _ value: (Coefficient) -> Double?
  ) -> StatisticsValue {
    .object(
      Dictionary(coefficients.map { ($0.term, .number(value($0))) }, uniquingKeysWith: { $1 })
    )
  }

  /// A list of numbers.
  static func numbers(_ values: [Double]) -> StatisticsValue { .list(values.map { .number($0) }) }
}
