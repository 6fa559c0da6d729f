// SPDX-License-Identifier: Apache-2.0

import Dispatch

/// Runs an actor's work on a thread of its own.
///
/// libcurl blocks until the exchange is over; the shared threads of Swift's concurrency, as many
/// as there are cores, must not.
final class BlockingExecutor: SerialExecutor {
  private let queue: DispatchQueue

  init(label: String) {
    queue = DispatchQueue(label: label)
  }

  func enqueue(_ job: consuming ExecutorJob) {
    let unowned = UnownedJob(job)
    queue.async {
      unowned.runSynchronously(on: self.asUnownedSerialExecutor())
    }
  }

  func asUnownedSerialExecutor() -> UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }
}
