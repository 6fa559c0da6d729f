// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// A value that a closure of the network leaves for the world.
final class Shared<Value: Sendable>: Sendable {
  private let state: Mutex<Value>

  init(_ value: Value) { state = Mutex(value) }

  var value: Value {
    get { state.withLock { $0 } }
    set { state.withLock { $0 = newValue } }
  }
}
