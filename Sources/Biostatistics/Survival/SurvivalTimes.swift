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
  /// One more than the largest time, when all are whole numbers of a range not much larger than
  /// the number of patients; they are then counted without being sorted.
  let span: Int?

  init(times: [Double], events: [Bool]) throws(BiostatisticsError) {
    guard times.count == events.count else {
      throw .countsDiffer(expected: times.count, found: events.count)
    }
    guard !times.isEmpty else { throw .emptyInput }
    let limit = Double(min(2 * times.count + 1_024, 1 << 24))
    var largest = 0.0
    var isWhole = true
    for (position, time) in times.enumerated() {
      guard time >= 0, time < .infinity else {
        guard time.isFinite else { throw .notFinite(input: "times", position: position) }
        throw .outOfRange(parameter: "time", value: time)
      }
      largest = max(largest, time)
      isWhole = isWhole && time < limit && Double(Int32(time)) == time
    }
    span = isWhole ? Int(largest) + 1 : nil
    self.times = times
    self.events = events
  }

  /// The distinct times in order; a patient censored at an event time is still at risk there.
  var moments: [Moment] { span.map { counted($0) } ?? sorted }

  private func counted(_ span: Int) -> [Moment] {
    let counts = TimeCounts(self, span: span, groups: nil, groupCount: 1)
    var result: [Moment] = []
    var atRisk = times.count
    for time in 0..<span where counts.leaving[time] > 0 {
      let (leaving, events) = (Int(counts.leaving[time]), Int(counts.events[time]))
      result.append(
        Moment(time: Double(time), atRisk: atRisk, events: events, censored: leaving - events)
      )
      atRisk -= leaving
    }
    return result
  }

  private var sorted: [Moment] {
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

/// How many patients of each group leave, and have the event, at each whole time.
struct TimeCounts {
  /// Group after group within a time (shape: span × groups).
  private(set) var leaving: [Int32]
  private(set) var events: [Int32]

  init(_ data: SurvivalTimes, span: Int, groups: [Int]?, groupCount: Int) {
    leaving = [Int32](repeating: 0, count: span * groupCount)
    events = leaving
    data.times.withUnsafeBufferPointer { times in
      data.events.withUnsafeBufferPointer { isEvent in
        leaving.withUnsafeMutableBufferPointer { leaving in
          events.withUnsafeMutableBufferPointer { events in
            for row in times.indices {
              let place = Int(Int32(times[row])) * groupCount + (groups?[row] ?? 0)
              leaving[place] += 1
              events[place] += isEvent[row] ? 1 : 0
            }
          }
        }
      }
    }
  }
}
