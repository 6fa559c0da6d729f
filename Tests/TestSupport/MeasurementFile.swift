// SPDX-License-Identifier: Apache-2.0
import Foundation

/// The file that every measurement writes: where it was taken, of what, and its figures.
package struct MeasurementFile<Row: Encodable>: Encodable {
  let machine: String
  let commit: String
  let rows: [Row]

  /// Names this machine, and the commit that `LOBULE_COMMIT` gives.
  package init(rows: [Row]) {
    let environment = ProcessInfo.processInfo
    machine = "\(environment.processorCount) cores, \(environment.operatingSystemVersionString)"
    commit = environment.environment["LOBULE_COMMIT"] ?? ""
    self.rows = rows
  }

  /// Writes the file, and its folder when it is not there.
  ///
  /// - Throws: What the file system reports.
  package func write(to path: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    let url = URL(filePath: path)
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(),
      withIntermediateDirectories: true
    )
    try encoder.encode(self).write(to: url)
  }
}
