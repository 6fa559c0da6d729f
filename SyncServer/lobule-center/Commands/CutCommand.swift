// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Center
import CommandSupport
import Registry

/// The command `lobule-center cut`.
struct CutCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cut",
    abstract: "Freeze the rows of all patients that have not withdrawn; list what was frozen.",
    subcommands: [CutMakeCommand.self, CutListCommand.self],
    defaultSubcommand: CutMakeCommand.self
  )
}

/// Freezes a cut.
struct CutMakeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "make",
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
      sha256: HexText.text(cut.sha256),
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

/// Lists the cuts, and what they lost since they were frozen.
struct CutListCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "List the frozen cuts, and how many rows were erased by law after freezing."
  )

  @OptionGroup var options: CenterOptions

  struct Result: Encodable {
    let cuts: [Cut]

    struct Cut: Encodable {
      let cut: String
      /// The hash that it was frozen with, which reports name.
      let sha256: String
      /// Rows that were erased since.
      let erasedRows: Int
      /// The hash of what is left, when it is not the one above.
      let presentSHA256: String?
    }
  }

  func run() async throws {
    let center = try options.center()
    let erasures = try center.cutErasures()
    let cuts = try center.store.read { try $0.cuts() }.map { cut in
      let lost = erasures.filter { $0.cut == cut.id }
      return Result.Cut(
        cut: cut.id,
        sha256: HexText.text(cut.sha256),
        erasedRows: lost.reduce(0) { $0 + $1.rows },
        presentSHA256: lost.last.map { HexText.text($0.sha256) }
      )
    }
    try options.print(Result(cuts: cuts)) {
      var table = TextTable(["cut", "SHA-256", "erased after freezing"])
      for cut in cuts { table.add([cut.cut, cut.sha256, String(cut.erasedRows)]) }
      return table.text
    }
  }
}

/// Bytes as lower-case hexadecimal.
private enum HexText {
  static func text(_ bytes: some Sequence<UInt8>) -> String {
    bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
  }
}
