// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Center
import CenterService
import CommandSupport
import Registry

/// The command `lobule-center cut`.
struct CutCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cut",
    abstract: "Freeze the rows of all patients that have not withdrawn; list what was frozen.",
    subcommands: [Make.self, List.self],
    defaultSubcommand: Make.self
  )

  /// The command `lobule-center cut`.
  struct Make: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Freeze the rows of all patients; the default."
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
      let cut = try center.makeCut(
        study: study,
        program: LobuleCenter.nameAndVersion,
        now: SystemClock.now()
      )
      let result = Result(
        cut: cut.id,
        patients: cut.patients,
        sites: cut.sites,
        sha256: Center.hexadecimal(cut.sha256),
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

  /// The command `lobule-center cut list`.
  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List the data cuts, and how many of their rows were erased by law since."
    )

    @OptionGroup var options: CenterOptions

    struct Row: Encodable {
      let cut: String
      let madeAt: String
      let patients: Int
      let sites: Int
      /// The hash that it was frozen with, which reports name.
      let sha256: String
      let planSHA256: String
      /// Rows that were erased since.
      let erasedRows: Int
      /// The hash of what is left, when it is not the one above.
      let presentSHA256: String?

      private enum CodingKeys: String, CodingKey {
        case cut, madeAt, patients, sites, sha256, erasedRows
        case presentSHA256 = "presentSha256"
        case planSHA256 = "planSha256"
      }
    }

    struct Result: Encodable {
      let cuts: [Row]
    }

    func run() async throws {
      let center = try options.center()
      let erasures = try center.cutErasures()
      let rows = try center.cuts().map { cut in
        let lost = erasures.filter { $0.cut == cut.id }
        return Row(
          cut: cut.id,
          madeAt: UTCText.text(cut.madeAt),
          patients: cut.patients,
          sites: cut.sites,
          sha256: Center.hexadecimal(cut.sha256),
          planSHA256: Center.hexadecimal(cut.planSHA256),
          erasedRows: lost.reduce(0) { $0 + $1.rows },
          presentSHA256: lost.last.map { Center.hexadecimal($0.sha256) }
        )
      }
      try options.print(Result(cuts: rows)) {
        var table = TextTable(["cut", "made", "patients", "sites", "SHA-256", "plan", "erased"])
        for row in rows {
          table.add([
            row.cut, row.madeAt, "\(row.patients)", "\(row.sites)", row.sha256,
            String(row.planSHA256.prefix(12)), "\(row.erasedRows)",
          ])
        }
        return table.text
      }
    }
  }
}
