// SPDX-License-Identifier: Apache-2.0

/// The places at which loess with an interpolated surface fits its parabolas.
///
/// The range of x, widened by half a percent, is halved at medians until no cell holds more than
/// a fifth of a neighbourhood. Source: Cleveland & Grosse, Stat Comput 1991;1:47–62,
/// doi:10.1007/BF01890836.
enum LoessCells {
  /// The ends of all cells, rising.
  static func places(_ regression: LocalRegression, span: Double, cell: Double = 0.2) -> [Double] {
    let sorted = zip(regression.x, regression.counts).flatMap {
      [Double](repeating: $0, count: Int($1))
    }
    let (low, high) = (sorted[0], sorted[sorted.count - 1])
    let margin = 0.005 * max(high - low, 1e-10 * max(abs(low), abs(high)) + 1e-30)
    let limit = Int((Double(sorted.count) * span * cell).rounded(.down))
    var places = [low - margin, high + margin]
    var open = [(rows: 0..<sorted.count, low: low - margin, high: high + margin)]
    while let cell = open.popLast() {
      guard cell.rows.count > max(1, limit) else { continue }
      // The last row of the lower half; rows equal to it go with the upper half.
      var last = (cell.rows.lowerBound + cell.rows.upperBound + 1) / 2 - 1
      while last > 0, sorted[last - 1] == sorted[last] { last -= 1 }
      let cut = sorted[last]
      guard last >= cell.rows.lowerBound, cut != cell.low, cut != cell.high else { continue }
      places.append(cut)
      open.append((cell.rows.lowerBound..<last + 1, cell.low, cut))
      open.append((last + 1..<cell.rows.upperBound, cut, cell.high))
    }
    return Set(places).sorted()
  }
}
