// SPDX-License-Identifier: Apache-2.0

import SiteReplica

/// Says what waits for a newer version, and of what.
enum VersionText {
  /// Sentences about what this device has and cannot show; none when it can show everything.
  static func lines(_ status: StoreStatus) -> [String] {
    lines(waiting: status.waitingChangesets, unknown: status.unknownValues)
  }

  /// Sentences about what this device and the centre have and cannot read.
  static func lines(_ report: SyncReport) -> [String] {
    var lines = lines(waiting: report.waitingHere, unknown: report.unknownValues)
    if report.waitingAtCenter > 0 {
      lines.append(
        "\(count(report.waitingAtCenter, "change")) reached the centre and need a newer version of "
          + "the program there; nothing need be done here."
      )
    }
    return lines
  }

  private static func lines(waiting: Int, unknown: Int) -> [String] {
    var lines: [String] = []
    if waiting > 0 {
      lines.append(
        "\(count(waiting, "change")) need a newer version of this program to be shown; they are kept "
          + "and sent on."
      )
    }
    if unknown > 0 {
      lines.append(
        "\(count(unknown, "value")) need a newer version of the study to be shown in full; they are "
          + "kept and sent on."
      )
    }
    return lines
  }

  private static func count(_ number: Int, _ noun: String) -> String {
    "\(number) \(noun)\(number == 1 ? "" : "s")"
  }
}
