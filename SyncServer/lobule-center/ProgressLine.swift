// SPDX-License-Identifier: Apache-2.0

import CommandSupport
import Foundation
import PooledAnalysis
import Synchronization

/// One line on standard error that says how far an analysis is, for a person who watches.
///
/// Nothing is written where standard error is no terminal or the output is for a program.
final class ProgressLine: Sendable {
  private struct Shown {
    var percent = -1
    var stage = ""
  }

  private let shown = Mutex(Shown())
  private let isShown: Bool

  /// - Parameter json: Whether the output is for a program.
  init(json: Bool) { isShown = !json && StandardStream.errorIsTerminal }

  /// Every core of this machine, telling this line.
  var workers: Workers {
    let count = ProcessInfo.processInfo.activeProcessorCount
    guard isShown else { return Workers(count: count) }
    return Workers(count: count) { self.show($0) }
  }

  /// Takes the line away.
  func end() { if isShown { StandardStream.writeError("\r\u{1B}[K") } }

  private func show(_ progress: AnalysisProgress) {
    let percent = Int((progress.fraction * 100).rounded(.down))
    let isNews = shown.withLock { last in
      guard percent > last.percent || progress.stage != last.stage else { return false }
      last.percent = max(last.percent, percent)
      last.stage = progress.stage
      return true
    }
    guard isNews else { return }
    let number = String(repeating: " ", count: percent < 10 ? 2 : percent < 100 ? 1 : 0)
    StandardStream.writeError("\r\u{1B}[K\(number)\(percent) %  \(progress.stage)")
  }
}
