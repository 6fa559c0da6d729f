// SPDX-License-Identifier: Apache-2.0

/// Follow-up times with event indicators, after their checks.
struct SurvivalTimes: Sendable {
  /// What happens at one distinct time.
  struct Moment {
    let time: Double
    let atRisk: Int
    let events: Int
    let censored: Int
  }

  let times: [Double]
  let events: [Bool]

  init(times: [Double], events: [Bool]) throws(BiostatisticsError) {
    guard times.count == events.count else {
      throw .countsDiffer(expected: times.count, found: events.count)
    }
    guard !times.isEmpty else { throw .emptyInput }
    for (position, time) in times.enumerated() {
      guard time.isFinite else { throw .notFinite(input: "times", position: position) }
      guard time >= 0 else { throw .outOfRange(parameter: "time", value: time) }
    }
    self.times = times
    self.events = events
  }

  /// The distinct times in order; a patient censored at an event time is still at risk there.
  var moments: [Moment] {
    let order = TimeOrder.ascending(times)
    var result: [Moment] = []
    var start = 0
    while start < order.count {
      let time = times[order[start]]
      var end = start
      var failed = 0
      while end < order.count, times[order[end]] == time {
        failed += events[order[end]] ? 1 : 0
        end += 1
      }
      result.append(
        Moment(
          time: time,
          atRisk: order.count - start,
          events: failed,
          censored: end - start - failed
        )
      )
      start = end
    }
    return result
  }
}
