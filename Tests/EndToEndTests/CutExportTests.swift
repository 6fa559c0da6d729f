// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

/// Rows and tables that leave a centre, and releases that are made again, on the real programs.
@Suite struct CutExportTests {
  /// A centre with two hospitals' practice records, one below the size that is shown alone.
  private func centre() throws -> (centre: CentreProcess, devices: [Device]) {
    let centre = try CentreProcess()
    var devices: [Device] = []
    for (site, file) in [("HAN", "han"), ("HILL", "hill"), ("NORTH", "north")] {
      let device = try centre.device(of: site)
      let text = try Fixtures.text(file)
      let rows = text.split(separator: "\n").prefix(site == "HILL" ? 31 : 200)
      let path = try device.folder.file("\(site).csv", rows.joined(separator: "\n") + "\n")
      let imported = try device.run(["import", path])
      try #require(imported.status == 0, "\(imported.errors)")
      try device.sync()
      devices.append(device)
    }
    return (centre, devices)
  }

  private func cut(_ centre: CentreProcess) throws -> String {
    let made = try centre.run(["cut"])
    try #require(made.status == 0, "\(made.errors)")
    return try made.text("cut")
  }

  private func lines(_ path: String) throws -> [[String]] {
    try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
      .map { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) }
  }

  @Test func `rows are coarse unless a named person gets exact ones`() throws {
    let (centre, _) = try centre()
    let cut = try cut(centre)
    let listed = try #require(try centre.run(["cut", "list"]).json()["cuts"] as? [[String: Any]])
    #expect(listed.count == 1)
    #expect((listed[0]["sha256"] as? String)?.count == 64)

    let coarse = centre.folder.path("coarse")
    let outcome = try centre.run(["export", cut, coarse])
    try #require(outcome.status == 0, "\(outcome.errors)")
    let rows = try lines("\(coarse)/patients.csv")
    let header = rows[0]
    #expect(!header.contains("age") && header.contains("age_band"))
    #expect(!header.contains("death_date") && header.contains("death_date_week"))
    #expect(header.contains("mri_date_week8_in_window"))
    let site = try #require(header.firstIndex(of: "site"))
    // HILL has 30 patients: it stands with the next larger hospital.
    let sites = Set(rows.dropFirst().map { $0[site] })
    #expect(sites.count == 2 && !sites.contains("HILL"))
    #expect(sites.contains { $0.contains("HILL") && $0.contains(" + ") })
    let albumin = try #require(header.firstIndex(of: "neutrophils"))
    for row in rows.dropFirst() {
      #expect(row[albumin].filter(\.isNumber).drop { $0 == "0" }.count <= 3, "\(row[albumin])")
    }

    #expect(try centre.run(["export", cut, centre.folder.path("x"), "--exact"]).status == 2)
    let exact = centre.folder.path("exact")
    let given = try centre.run([
      "export", cut, exact, "--exact", "--to", "A. Statistician", "--reason", "site effects",
    ])
    try #require(given.status == 0, "\(given.errors)")
    #expect(try lines("\(exact)/patients.csv")[0].contains("death_date"))
    let log = try String(
      contentsOfFile: {
        let folder = centre.folder.path("audit")
        _ = try centre.run(["audit", "export", folder])
        return "\(folder)/entries.jsonl"
      }(),
      encoding: .utf8
    )
    #expect(log.contains("cut_exported") && log.contains("A. Statistician"))
  }

  @Test func `R reads the export with types, levels and labels`() throws {
    let (centre, _) = try centre()
    let cut = try cut(centre)
    let folder = centre.folder.path("rows")
    try #require(try centre.run(["export", cut, folder]).status == 0)
    guard let found = try? Tool.run("which", ["Rscript"]), found.contains("Rscript") else {
      print("NOT TESTED: Rscript is not on this machine, so load.R was not run")
      return
    }
    let check = """
      source("load.R")
      stopifnot(is.factor(patients$sex), identical(levels(patients$sex), c("male", "female")),
        is.numeric(patients$neutrophils), is.logical(patients$washout),
        nchar(attr(patients$neutrophils, "label")) > 0, attr(patients$albumin, "units") == "g/L",
        is.factor(patients$outcome_status), sum(patients$outcome_status == "event") > 10)
      """
    try Data(check.utf8).write(to: URL(filePath: "\(folder)/check.R"))
    let output = try Tool.run("bash", ["-c", "cd '\(folder)' && Rscript check.R 2>&1"])
    #expect(output.contains("patients,"), "\(output)")
  }

  @Test func `tables hide small cells, and a cut with one more patient shows no difference`() throws
  {
    let (centre, devices) = try centre()
    let first = try cut(centre)
    let folder = centre.folder.path("tables-1")
    let outcome = try centre.run(["export", first, folder, "--tables"])
    try #require(outcome.status == 0, "\(outcome.errors)")
    let files = try FileManager.default.contentsOfDirectory(atPath: folder)
      .filter { $0.hasSuffix(".csv") }
    #expect(files.count >= 3)
    for file in files {
      for row in try lines("\(folder)/\(file)").dropFirst() {
        for cell in row.dropFirst() where cell != "hidden" { #expect((Int(cell) ?? 0) >= 5) }
      }
    }
    let again = centre.folder.path("tables-again")
    try #require(try centre.run(["export", first, again, "--tables"]).status == 0)
    for file in files {
      #expect(try lines("\(folder)/\(file)") == lines("\(again)/\(file)"))
    }

    let line = "EXTRA1 treatment_start=2024-01-10 birth_date=1960-05-06 sex=male"
    try #require(try devices[0].run(["set", "-"], input: line).status == 0)
    try devices[0].sync()
    let second = try cut(centre)
    let later = try centre.run(["export", second, centre.folder.path("tables-2"), "--tables"])
    try #require(later.status == 0, "\(later.errors)")
    let withheld = try #require(try later.json()["withheld"] as? [String: String])
    #expect(withheld.values.contains("too_little_changed"))
    #expect(Set(withheld.keys).isSuperset(of: files.map { String($0.dropLast(4)) }))
  }

  @Test func `a release comes out again after later changes, and a changed store is named`() throws
  {
    let (centre, devices) = try centre()
    let cut = try cut(centre)
    let refit = try centre.run(["refit", "--cut", cut])
    try #require(refit.status == 0, "\(refit.errors)")
    let candidate = try refit.text("candidate")
    for number in [1, 2] {
      let signed = try centre.run([
        "sign", candidate, "--key", "\(centre.data)/keys/model-\(number).key", "--override",
        "practice only",
      ])
      try #require(signed.status == 0, "\(signed.errors)")
    }
    try #require(try centre.run(["release", candidate]).status == 0)
    for line in [
      "HAN000001 sex=female", "EXTRA1 treatment_start=2024-01-10 birth_date=1960-05-06 sex=male",
    ] {
      _ = try devices[0].run(["set", "-", "--correct"], input: line)
    }
    try devices[0].sync()

    for release in ["1", "2"] {
      let replayed = try centre.run(["replay", release])
      #expect(replayed.status == 0, "\(replayed.errors)")
      #expect(try replayed.flag("identical"))
    }

    centre.stop()
    func edit(_ sql: String) throws {
      _ = try Tool.run("sqlite3", ["\(centre.data)/center.sqlite", sql])
    }
    let copy = centre.folder.path("copy.sqlite")
    func restore() throws {
      for suffix in ["-wal", "-shm"] {
        try? FileManager.default.removeItem(atPath: "\(centre.data)/center.sqlite\(suffix)")
      }
      try? FileManager.default.removeItem(atPath: "\(centre.data)/center.sqlite")
      try FileManager.default.copyItem(atPath: copy, toPath: "\(centre.data)/center.sqlite")
    }
    try edit("PRAGMA wal_checkpoint(TRUNCATE);")
    try FileManager.default.copyItem(atPath: "\(centre.data)/center.sqlite", toPath: copy)
    func replaced(_ column: String, _ old: String, _ new: String) -> String {
      "\(column) = CAST(replace(CAST(\(column) AS TEXT), '\(old)', '\(new)') AS BLOB)"
    }
    let tampered: [(sql: String, named: String)] = [
      ("UPDATE data_cuts SET \(replaced("content", "female", "feminine"))", "cut_stored"),
      (
        "UPDATE log_batch SET bytes = CAST(substr(bytes, 1, length(bytes) - 1) || x'00' AS BLOB) "
          + "WHERE id = 1",
        "log: site HAN"
      ),
      ("DELETE FROM log_batch WHERE id = 2", "log: site"),
      (
        "UPDATE model_candidates SET \(replaced("report", "0.", "1.")) WHERE cut = '1'",
        "report_stored"
      ),
    ]
    for change in tampered {
      try restore()
      try edit(change.sql)
      let replayed = try centre.run(["replay", "2"])
      #expect(replayed.status == 3, "\(change.sql)")
      let difference = try replayed.json()["first_difference"] as? String
      #expect(difference?.hasPrefix(change.named) ?? false, "\(difference ?? "none")")
    }
  }
}
