// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Center
import CommandSupport
import Registry

/// The command `lobule-center cut`.
struct CutCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cut",
    abstract: "Freeze the rows of all patients that have not withdrawn."
  )

  @OptionGroup var options: CenterOptions

  struct Result: Encodable {
    let cut: String
    let patients: Int
    let sites: Int
    let sha256: String
    /// Values that a newer version of the study knows; they are not in the cut.
    let unknownValues: Int
  }

  func run() async throws {
    let center = try options.center()
    let study = try options.chosenStudy()
    let cut = try center.makeCut(study: study, now: SystemClock.now())
    let result = Result(
      cut: cut.id,
      patients: cut.patients,
      sites: cut.sites,
      sha256: cut.sha256.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined(),
      unknownValues: try center.unknownValues(study: study)
    )
    try options.print(result) {
      "\(result.cut): \(result.patients) patients of \(result.sites) sites, "
        + "SHA-256 \(result.sha256)\n"
        + (result.unknownValues == 0
          ? ""
          : "\(result.unknownValues) values need a newer version of the study and are not in it.\n")
    }
  }
}
