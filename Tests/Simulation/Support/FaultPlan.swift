// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// The one fault that a store has before it.
final class FaultPlan: Sendable {
  private let state = Mutex((fault: FaultyCenterStore.Fault.none, countdown: 0))

  func set(_ fault: FaultyCenterStore.Fault, after writes: Int) {
    state.withLock { $0 = (fault, writes) }
  }

  /// The fault of the transaction that now begins.
  func take() -> FaultyCenterStore.Fault {
    state.withLock { state in
      if state.fault == .none { return .none }
      if state.countdown > 0 {
        state.countdown -= 1
        return .none
      }
      defer { state.fault = .none }
      return state.fault
    }
  }
}
