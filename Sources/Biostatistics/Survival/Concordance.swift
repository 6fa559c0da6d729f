// SPDX-License-Identifier: Apache-2.0

/// Harrell's concordance of a risk score with follow-up times.
///
/// A pair is comparable when the patient with the shorter time had the event; a patient censored
/// at the time of another's event outlives it. Two events at the same time are not comparable.
/// A pair is concordant when the higher score has the shorter time; equal scores count one half.
/// The standard error is the infinitesimal jackknife. O(n log n).
///
/// Source: Harrell, Lee & Mark, Stat Med 1996;15:361–387,
/// doi:10.1002/(SICI)1097-0258(19960229)15:4<361::AID-SIM168>3.0.CO;2-4; standard error:
/// Therneau & Watson, The concordance statistic and the Cox model, Mayo Clinic report 85, 2015.
public struct Concordance: Equatable, Sendable {
  /// c = (concordant + tied scores / 2) / comparable, in [0, 1], with its standard error.
  public let estimate: Estimate
  /// Comparable pairs in which the higher score has the shorter time.
  public let concordant: Int
  /// Comparable pairs in which the higher score has the longer time.
  public let discordant: Int
  /// Comparable pairs of equal scores.
  public let tiedScores: Int
  /// Pairs of events at the same time with different scores.
  public let tiedTimes: Int
  /// Pairs of events at the same time with equal scores.
  public let tiedBoth: Int

  /// Comparable pairs.
  public var comparable: Int { concordant + discordant + tiedScores }

  /// Measures concordance.
  ///
  /// - Parameters:
  ///   - scores: Risk scores (shape: n); a higher score means a shorter expected time.
  ///   - times: Follow-up times (shape: n), finite and not negative.
  ///   - events: Whether the time ends with the event (shape: n).
  /// - Returns: c with its standard error and the numbers of pairs.
  /// - Throws: `countsDiffer`, `emptyInput`, `notFinite`, `outOfRange`, or `tooFew` without a
  ///   comparable pair.
  public static func measure(
    scores: [Double],
    times: [Double],
    events: [Bool]
  ) throws(BiostatisticsError) -> Concordance {
    guard scores.count == times.count else {
      throw .countsDiffer(expected: times.count, found: scores.count)
    }
    _ = try SurvivalTimes(times: times, events: events)
    if let position = scores.firstIndex(where: { $0.isNaN }) {
      throw .notFinite(input: "scores", position: position)
    }
    var pairs = ConcordancePairs(scores: scores)
    pairs.count(order: TimeOrder.ascending(times), times: times, events: events)
    let comparable = pairs.concordant + pairs.discordant + pairs.tiedScores
    guard comparable > 0 else { throw .tooFew(what: "comparable pairs", needed: 1, found: 0) }
    let total = Double(comparable)
    let value = (Double(pairs.concordant) + Double(pairs.tiedScores) / 2) / total
    var squares = 0.0
    for row in scores.indices {
      let influence = (pairs.agreement[row] - value * pairs.involved[row]) / total
      squares += influence * influence
    }
    return Concordance(
      estimate: Estimate(value: value, standardError: squares.squareRoot()),
      concordant: pairs.concordant,
      discordant: pairs.discordant,
      tiedScores: pairs.tiedScores,
      tiedTimes: pairs.tiedTimes,
      tiedBoth: pairs.tiedBoth
    )
  }
}

/// Pairs of every kind, and each patient's part in them, counted with a tree over score ranks.
private struct ConcordancePairs {
  var concordant = 0
  var discordant = 0
  var tiedScores = 0
  var tiedTimes = 0
  var tiedBoth = 0
  /// Concordant pairs of each patient, tied scores counting one half.
  var agreement: [Double]
  /// Comparable pairs of each patient.
  var involved: [Double]
  private let ranks: [Int]
  private var tree: RankTree

  init(scores: [Double]) {
    agreement = Array(repeating: 0, count: scores.count)
    involved = agreement
    let order = scores.indices.sorted { scores[$0] < scores[$1] }
    var ranks = [Int](repeating: 0, count: scores.count)
    var rank = -1
    for (place, row) in order.enumerated() {
      if place == 0 || scores[order[place - 1]] != scores[row] { rank += 1 }
      ranks[row] = rank
    }
    self.ranks = ranks
    tree = RankTree(count: rank + 1)
  }

  mutating func count(order: [Int], times: [Double], events: [Bool]) {
    var groups: [Range<Int>] = []
    var start = 0
    while start < order.count {
      var end = start + 1
      while end < order.count, times[order[end]] == times[order[start]] { end += 1 }
      groups.append(start..<end)
      start = end
    }
    // From the last time back: each event against the patients who outlive it.
    for group in groups.reversed() {
      for place in group where !events[order[place]] { tree.add(ranks[order[place]]) }
      for place in group where events[order[place]] { compareWithSurvivors(order[place]) }
      countTiedTimes(group.lazy.map { order[$0] }.filter { events[$0] })
      for place in group where events[order[place]] { tree.add(ranks[order[place]]) }
    }
    tree.clear()
    // Forwards: each patient against the events before.
    for group in groups {
      for place in group where events[order[place]] { compareWithEarlier(order[place]) }
      for place in group where events[order[place]] { tree.add(ranks[order[place]]) }
      for place in group where !events[order[place]] { compareWithEarlier(order[place]) }
    }
  }

  private mutating func compareWithSurvivors(_ row: Int) {
    let (below, equal, above) = tree.split(ranks[row])
    concordant += below
    discordant += above
    tiedScores += equal
    agreement[row] += Double(below) + Double(equal) / 2
    involved[row] += Double(below + equal + above)
  }

  private mutating func compareWithEarlier(_ row: Int) {
    let (below, equal, above) = tree.split(ranks[row])
    agreement[row] += Double(above) + Double(equal) / 2
    involved[row] += Double(below + equal + above)
  }

  private mutating func countTiedTimes(_ rows: some Sequence<Int>) {
    let sorted = rows.map { ranks[$0] }.sorted()
    let pairs = sorted.count * (sorted.count - 1) / 2
    var both = 0
    var run = 0
    for index in sorted.indices.dropFirst() {
      run = sorted[index] == sorted[index - 1] ? run + 1 : 0
      both += run
    }
    tiedBoth += both
    tiedTimes += pairs - both
  }
}

/// Counts of ranks with sums over the ranks below any one, a Fenwick tree.
///
/// Source: Fenwick, Softw Pract Exp 1994;24:327–336, doi:10.1002/spe.4380240306.
private struct RankTree {
  private var sums: [Int32]
  private var single: [Int32]
  private var total = 0

  init(count: Int) {
    sums = Array(repeating: 0, count: count + 1)
    single = Array(repeating: 0, count: count)
  }

  mutating func add(_ rank: Int) {
    total += 1
    single[rank] += 1
    var index = rank + 1
    while index < sums.count {
      sums[index] += 1
      index += index & -index
    }
  }

  /// How many ranks are below, equal to and above one.
  func split(_ rank: Int) -> (below: Int, equal: Int, above: Int) {
    var below = 0
    var index = rank
    while index > 0 {
      below += Int(sums[index])
      index -= index & -index
    }
    let equal = Int(single[rank])
    return (below, equal, total - below - equal)
  }

  mutating func clear() {
    for index in sums.indices { sums[index] = 0 }
    for index in single.indices { single[index] = 0 }
    total = 0
  }
}
