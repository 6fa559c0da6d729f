// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

/// A hospital's record to files and back, through the real program.
@Suite struct ExportTests {
  private func export(_ device: Device, _ name: String, _ more: [String] = []) throws -> [String] {
    let folder = device.folder.path(name)
    let outcome = try device.run(["export", folder] + more)
    try #require(outcome.status == 0, "\(outcome.errors)")
    return try ["patients.csv", "readings.csv", "conflicts.csv"].map {
      try String(contentsOfFile: "\(folder)/\($0)", encoding: .utf8)
    }
  }

  private func hospital(_ files: [String]) throws -> Device {
    let device = try Device(site: "HAN")
    for file in files {
      let imported = try device.run(["import", file])
      try #require(imported.status == 0, "\(imported.errors)\(imported.output.prefix(2_000))")
    }
    return device
  }

  @Test func `import of an identified export into an empty store gives the same records`() throws {
    let first = try hospital([Fixtures.path("han"), Fixtures.path("han_readers")])
    let line = "HAN000001 baseline albumin=not_done"
    try #require(try first.run(["set", "-"], input: line).status == 0)
    let files = try export(first, "out", ["--identified"])
    let second = try hospital(
      ["patients.csv", "readings.csv"].map { first.folder.path("out/\($0)") }
    )

    let again = try export(second, "out", ["--identified"])

    #expect(again == files)
    #expect(files[0].split(separator: "\n").count > 70)
    #expect(files[1].split(separator: "\n").count > 10)
    #expect(files[0].contains("not_done"))
    for mrn in ["HAN000001", "HAN000017"] {
      let shown = try [first, second].map {
        try $0.run(["show", mrn]).json()["values"] as? NSArray
      }
      #expect(shown[0] != nil)
      let texts = shown.map { values in
        (values ?? []).compactMap { ($0 as? [String: Any])?["value"] as? String }
      }
      #expect(texts[0] == texts[1])
    }
  }

  @Test func `a de-identified export holds no identity`() throws {
    let device = try hospital([Fixtures.path("han")])
    let files = try export(device, "out")
    let source = try Fixtures.text("han").split(separator: "\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false)
    }
    for row in source.dropFirst() {
      for identifying in row.prefix(4) {
        #expect(!files[0].contains(identifying), "\(identifying)")
      }
    }
    #expect(files[0].hasPrefix("patient,age,"))
  }

  @Test func `an export is in the audit trail and never overwrites`() throws {
    let device = try hospital([Fixtures.path("han")])
    _ = try export(device, "out", ["--identified"])
    #expect(try device.run(["export", device.folder.path("out")]).status == 3)
    let trail = try device.run(["audit", "list"]).output
    #expect(trail.contains("exported"))
  }
}
