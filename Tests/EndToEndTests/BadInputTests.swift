// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

/// What a hospital can get wrong in a file: each is a clear sentence and changes nothing.
@Suite struct BadInputTests {
  struct BadFile: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let code: String
    let change: @Sendable (String) -> String
  }

  static let files: [BadFile] = [
    BadFile(testDescription: "a quote that never closes", code: "malformed_csv") {
      $0.replacing("HIL000003", with: "\"HIL000003", maxReplacements: 1)
    },
    BadFile(testDescription: "a column nobody knows", code: "unknown_column") {
      $0.replacing(",neutrophils,", with: ",neutrophil_count,", maxReplacements: 1)
    },
    BadFile(testDescription: "neutrophils in another unit", code: "wrong_unit") {
      $0.replacing("2023-02-16,5.6293,", with: "2023-02-16,3000,", maxReplacements: 1)
    },
    BadFile(testDescription: "a response that is none", code: "not_a_choice") {
      $0.replacing(",PR,", with: ",XX,", maxReplacements: 1)
    },
    BadFile(testDescription: "a response before treatment start", code: "before_treatment_start") {
      $0.replacing("2023-08-11,PR", with: "2022-08-11,PR", maxReplacements: 1)
    },
    BadFile(testDescription: "a patient twice", code: "duplicate_patient") {
      $0.replacing("HIL000002", with: "HIL000001", maxReplacements: 1)
    },
  ]

  @Test(arguments: files)
  func `a bad file is refused with every problem and changes nothing`(bad: BadFile) throws {
    let device = try Device(site: "HILL")
    let good = try Fixtures.text("hill")
    let text = bad.change(good)
    try #require(text != good, "the fixture no longer has what this case changes")
    let path = try device.folder.file("bad.csv", text)

    let outcome = try device.run(["import", path])

    #expect(outcome.status == 3)
    let problems = try #require(outcome.json()["problems"] as? [[String: Any]])
    let codes = problems.compactMap { $0["code"] as? String }
    #expect(codes.contains(bad.code), "found \(codes)")
    #expect(!outcome.errors.isEmpty)
    #expect(try device.changesets() == 0)
    #expect((try device.run(["list"]).json()["patients"] as? [Any])?.isEmpty == true)
  }

  @Test func `a good file takes every row, and the same file again changes nothing`() throws {
    let device = try Device(site: "HILL")
    let first = try device.run(["import", Fixtures.path("hill")])
    #expect(first.status == 0, "\(first.errors)")
    #expect(try first.integer("accepted") == 38)
    #expect(try first.integer("refused") == 0)
    let before = try device.changesets()
    let second = try device.run(["import", Fixtures.path("hill")])
    #expect(second.status == 0)
    #expect(try device.changesets() == before)
  }

  @Test func `an older file never overwrites a correction`() throws {
    let device = try Device(site: "HILL")
    _ = try device.run(["import", Fixtures.path("hill")])
    let saved = try device.run(["set", "-"], input: "HIL000001 baseline neutrophils=6.1")
    #expect(saved.status == 0, "\(saved.errors)")
    let before = try device.changesets()

    let again = try device.run(["import", Fixtures.path("hill")])

    #expect(again.status == 3)
    let codes = (try again.json()["problems"] as? [[String: Any]])?.compactMap {
      $0["code"] as? String
    }
    #expect(codes?.contains("differs") == true)
    #expect(try device.changesets() == before)
  }

  @Test func `a dry run lists and changes nothing`() throws {
    let device = try Device(site: "HILL")
    let outcome = try device.run(["import", Fixtures.path("hill"), "--dry-run"])
    #expect(outcome.status == 0)
    #expect(try outcome.integer("accepted") == 38)
    #expect(try device.changesets() == 0)
  }

  @Test func `refused rows can be left out on request`() throws {
    let device = try Device(site: "HILL")
    let text = try Fixtures.text("hill").replacing(",PR,", with: ",XX,", maxReplacements: 1)
    let path = try device.folder.file("partly.csv", text)
    let outcome = try device.run(["import", path, "--skip-refused"])
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(try outcome.integer("accepted") == 37)
    #expect(try outcome.integer("refused") == 1)
  }

  @Test func `a word that is no field of the study is not repeated`() throws {
    let device = try Device(site: "HILL")
    for words in ["HIL000001 Wang_Fang=1", "HIL000001 Wang_Fang neutrophils=6.1"] {
      let outcome = try device.run(["set", "-"], input: words)
      #expect(outcome.status == 3)
      #expect(!(outcome.output + outcome.errors).contains("Wang"))
    }
  }
}
