// SPDX-License-Identifier: Apache-2.0
import Dispatch
import Synchronization

/// Independent pieces of an analysis, done by some tasks at once.
///
/// The pieces are taken in their order by whichever task is free, so long ones come first. Each
/// writes its own place; nothing depends on who did what when.
struct JobList: Sendable {
  private struct Job: Sendable {
    let stage: String
    let weight: Double
    let body: @Sendable () -> Void
  }

  private var jobs: [Job] = []

  /// Adds one piece of work; its value is there once the list was done.
  ///
  /// - Parameters:
  ///   - stage: What it computes, in words, for the progress.
  ///   - weight: About how long it takes beside the others.
  ///   - body: The work.
  /// - Returns: The place of the value.
  mutating func add<Value: Sendable>(
    _ stage: String,
    weight: Double = 1,
    _ body: @escaping @Sendable () -> Value
  ) -> Pending<Value> {
    let pending = Pending<Value>()
    jobs.append(Job(stage: stage, weight: weight) { pending.fill(body()) })
    return pending
  }

  /// Adds a piece of work for each of so many places.
  mutating func add<Value: Sendable>(
    _ stage: String,
    count: Int,
    weight: Double = 1,
    _ body: @escaping @Sendable (Int) -> Value
  ) -> [Pending<Value>] {
    (0..<count).map { place in
      add(stage, weight: weight / Double(max(1, count))) { body(place) }
    }
  }

  /// Does all of it and returns when it is done.
  func run(_ workers: Workers) {
    guard workers.count > 1, jobs.count > 1 else {
      var done = Tally(total: total)
      for job in jobs {
        job.body()
        workers.tell(job.stage, done.add(job.weight))
      }
      return
    }
    let next = Mutex(0)
    let done = Mutex(Tally(total: total))
    // A fork and a join of work that only computes: threads of their own, none of the pool that
    // serves requests.
    DispatchQueue.concurrentPerform(iterations: min(workers.count, jobs.count)) { _ in
      while true {
        let place = next.withLock { place in
          place += 1
          return place - 1
        }
        guard place < jobs.count else { return }
        let job = jobs[place]
        job.body()
        done.withLock { workers.tell(job.stage, $0.add(job.weight)) }
      }
    }
  }

  private var total: Double { jobs.reduce(0) { $0 + $1.weight } }

  private struct Tally {
    let total: Double
    var done = 0.0

    init(total: Double) { self.total = total }

    mutating func add(_ weight: Double) -> Double {
      done += weight
      return total > 0 ? min(1, done / total) : 1
    }
  }
}

/// The place of a value that a job list makes.
final class Pending<Value: Sendable>: Sendable {
  private let held = Mutex<Value?>(nil)

  fileprivate func fill(_ value: Value) { held.withLock { $0 = value } }

  /// The value; nil before the list was done.
  var value: Value? { held.withLock { $0 } }
}

extension Sequence {
  /// The values of places that were filled, in their order.
  func values<Value>() -> [Value] where Element == Pending<Value> { compactMap(\.value) }
}
