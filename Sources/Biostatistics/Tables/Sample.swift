// SPDX-License-Identifier: Apache-2.0

/// The mean and variance of a sample of at least two finite values.
struct Sample {
  let count: Double
  let mean: Double
  /// The variance with divisor n − 1.
  let variance: Double

  init(_ values: [Double], name: String) throws(BiostatisticsError) {
    if let position = values.firstIndex(where: { !$0.isFinite }) {
      throw .notFinite(input: name, position: position)
    }
    guard values.count > 1 else { throw .tooFew(what: name, needed: 2, found: values.count) }
    count = Double(values.count)
    let size = count
    let center = values.reduce(0) { $0 + $1 / size }
    mean = center
    variance = values.reduce(0) { $0 + ($1 - center) * ($1 - center) } / (size - 1)
    guard variance.isFinite else { throw .outOfRange(parameter: name, value: variance) }
  }
}
