// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandSupport
import Registry

/// What every statistic takes.
struct StatisticsOptions: ParsableArguments {
  /// The largest file that is read, in bytes.
  static let fileLimitBytes = 4 << 30

  @Option(help: "The file, or - for standard input.")
  var csv: String

  @Flag(help: "Print one JSON document and nothing else.")
  var json = false

  /// Reads columns of the file and keeps the rows that are complete in them.
  ///
  /// - Parameter columns: The columns to read; all of them when nil.
  /// - Returns: The complete rows, and how many were left out.
  /// - Throws: `CommandFailure` when the file or a column is not there.
  func frame(_ columns: [String]?) throws(CommandFailure) -> StatisticsFrame {
    let bytes =
      csv == "-"
      ? try StandardStream.readInput()
      : try PrivateFile.read(csv, limitBytes: Self.fileLimitBytes)
    do throws(NumericTableFault) {
      return try StatisticsFrame(NumericTable(bytes, columns: columns), columns: columns)
    } catch {
      throw Self.describe(error, in: csv)
    }
  }

  /// Prints a result with the numbers of rows used and left out.
  func print(
    _ members: [String: StatisticsValue],
    of frame: StatisticsFrame,
    text: () -> String
  ) throws(CommandFailure) {
    if json {
      let counts: [String: StatisticsValue] = [
        "n": .integer(frame.count), "dropped": .integer(frame.dropped),
      ]
      try JSONOutput.print(StatisticsValue.object(counts.merging(members) { $1 }))
    } else {
      StandardStream.writeOutput(text() + "\(frame.count) rows\n")
    }
    if frame.dropped > 0 {
      StandardStream.writeError(
        "\(frame.dropped) of \(frame.count + frame.dropped) rows were left out: "
          + "a cell is missing in a column that is used.\n"
      )
    }
  }

  private static func describe(_ fault: NumericTableFault, in file: String) -> CommandFailure {
    func refused(_ what: String, _ to: String, _ todo: String) -> CommandFailure {
      CommandFailure(.refused, what: what, to: to, todo: todo)
    }
    switch fault {
    case .empty: return refused("The file has no rows", file, "Name a CSV file with a header")
    case .columnRepeated(let name):
      return refused("Two columns bear the same name", name, "Rename one of them")
    case .columnsMissing(let names):
      return refused(
        "The file lacks columns",
        names.joined(separator: ", "),
        "Compare the names with the file's first row"
      )
    case .cellsDiffer(let row, let expected, let found):
      return refused(
        "Row \(row) has \(found) cells where the header has \(expected)",
        file,
        "Save it again as CSV with commas"
      )
    case .malformedQuote(let row):
      return refused("Row \(row) has a quote out of place", file, "Save it again as CSV")
    }
  }
}
