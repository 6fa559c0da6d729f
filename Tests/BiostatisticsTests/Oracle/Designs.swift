// SPDX-License-Identifier: Apache-2.0
import Biostatistics

extension DataTable {
  func design(_ columns: [String]) throws -> DesignMatrix {
    try DesignMatrix(columnNames: columns, columns: columns.map { try numbers($0) })
  }
}

/// The predictors of the reference cohorts.
enum Columns {
  static let seed = ["t2sir_ge_1418", "adcmean_ge_1085", "nlr_ge_441"]
  static let sex2 = ["age", "oc", "vic", "vicl", "vis", "dia"]
  static let birthwt = ["age", "lwt", "race_black", "race_other", "smoke", "ptd", "ht", "ui"]
}

/// A reproducible stream of numbers for generated cases (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
