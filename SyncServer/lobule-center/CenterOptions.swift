// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Center
import CenterService
import CommandSupport
import Foundation
import Registry

/// What every command of the centre takes.
struct CenterOptions: ParsableArguments {
  @Option(help: "The centre's folder; LOBULE_DATA when not given.")
  var data: String?

  @Option(help: "A folder with the study's files; else LOBULE_STUDY, else the built-in study.")
  var study: String?

  @Flag(help: "Print one JSON document and nothing else.")
  var json = false

  /// The folder's name.
  ///
  /// - Throws: `CommandFailure` when neither the option nor the variable is there.
  func path() throws(CommandFailure) -> String {
    if let path = data ?? ProcessInfo.processInfo.environment["LOBULE_DATA"], !path.isEmpty {
      return path
    }
    throw CommandFailure(
      .usage,
      what: "The centre's folder is not named",
      todo: "Give --data DIR or set LOBULE_DATA"
    )
  }

  /// The study that the centre analyses.
  func chosenStudy() throws -> Study {
    let given = study ?? ProcessInfo.processInfo.environment["LOBULE_STUDY"] ?? ""
    return given.isEmpty
      ? try Study.embedded()
      : try Study.load(folder: URL(filePath: given, directoryHint: .isDirectory))
  }

  /// The folder's files.
  func folder() throws(CommandFailure) -> CenterFolder { CenterFolder(path: try path()) }

  /// Opens the centre of the folder.
  func center() throws -> Center { try Center.open(try folder()) }

  /// Prints a result: as JSON, or as text for people.
  func print(_ result: some Encodable, text: () -> String) throws {
    if json {
      try JSONOutput.print(result)
    } else {
      StandardStream.writeOutput(text())
    }
  }
}
