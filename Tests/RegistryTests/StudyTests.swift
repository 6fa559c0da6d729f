// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

@testable import Registry

@Suite struct StudyTests {
  @Test func `the built-in study is whole`() throws {
    let study = try Study.embedded()
    #expect(study.id == "hcc-response")
    #expect(study.dictionary.fields.count == 85)
    #expect(study.derived.count == 16)
    #expect(study.dictionary.version.hasPrefix("1."))
  }

  @Test func `the built-in study is the one in the folder`() throws {
    let folder = Fixtures.root.appending(path: "Sources/Registry/Study")
    #expect(try Study.load(folder: folder) == Study.embedded())
  }

  @Test func `a folder without a file is refused by the file's name`() throws {
    #expect(throws: RegistryError.studyFileMissing(name: "study.json")) {
      try Study.load(folder: Fixtures.root.appending(path: "Tests"))
    }
  }

  @Test func `columns carry the event only where a field has several`() throws {
    let dictionary = try Study.embedded().dictionary
    #expect(dictionary.column("adc_mean", event: "week8") == "adc_mean_week8")
    #expect(dictionary.column("response", event: "month6") == "response")
    #expect(dictionary.columns["mri_date_month6"]?.field.hard == 90...365)
    #expect(dictionary.columns["neutrophils"]?.event == "baseline")
  }

  @Test func `a field is found at its own events alone`() throws {
    let dictionary = try Study.embedded().dictionary
    #expect(dictionary.field("mri_date", event: "week8")?.soft == 42...70)
    #expect(dictionary.field("washout", event: "week8") == nil)
    #expect(dictionary.field("nothing", event: nil) == nil)
  }

  @Test func `every column of a response check exists`() throws {
    let study = try Study.embedded()
    let known = Set(study.dictionary.columns.keys).union(study.derived.map(\.column))
    for check in study.profile.responseChecks {
      let names =
        check.earlier + [
          check.response, check.baseline, check.current, check.nontarget, check.newLesion,
        ]
      #expect(known.isSuperset(of: names))
    }
  }

  @Test func `every column of the plan's outcome and survival exists`() throws {
    struct Plan: Decodable {
      let outcome: OutcomeDefinition
      let survival: ProgressionFreeSurvival
    }
    let study = try Study.embedded()
    let plan = try JSONDecoder().decode(Plan.self, from: Data(study.planBytes))
    let names = [
      plan.outcome.response.column, plan.outcome.response.date, plan.outcome.progression.date,
      plan.outcome.death.date, plan.outcome.death.cause, plan.survival.progression,
      plan.survival.death, plan.survival.cause, plan.survival.assessment, plan.survival.time,
      plan.survival.event,
    ]
    #expect(names.allSatisfy { study.dictionary.columns[$0] != nil })
  }

  @Test(arguments: [
    ("derived.csv", "nlr,baseline,neutrophils / nothing,1,,,x"),
    ("derived.csv", "nlr,baseline,mrn / lymphocytes,1,,,x"),
  ])
  func `a formula over an unknown or identifying column is refused`(
    name: String,
    row: String
  ) throws {
    let header = "name,event,formula,unit,soft_min,soft_max,label\n"
    #expect(throws: RegistryError.self) { try study(with: name, Array((header + row).utf8)) }
  }

  @Test(arguments: ["text", "date"])
  func `a dictionary that lets texts or calendar dates leave is refused`(type: String) throws {
    let header =
      "name,record,event,type,unit,hard_min,hard_max,soft_min,soft_max,choices,leaves_site,label\n"
    #expect(
      throws: RegistryError.studyFileInvalid(
        name: "dictionary.csv",
        row: 1,
        column: "leaves_site"
      )
    ) {
      try StudyDictionary.parse(
        csv: Data((header + "x,patient,,\(type),,,,,,,yes,X").utf8),
        id: "s",
        version: "1"
      )
    }
  }

  @Test func `two versions of a dictionary have two version names`() throws {
    let header =
      "name,record,event,type,unit,hard_min,hard_max,soft_min,soft_max,choices,leaves_site,label\n"
    let one = try StudyDictionary.parse(
      csv: Data((header + "x,patient,,boolean,,,,,,,yes,X").utf8),
      id: "s",
      version: "1"
    )
    let two = try StudyDictionary.parse(
      csv: Data((header + "x,patient,,boolean,,,,,,,yes,Y").utf8),
      id: "s",
      version: "1"
    )
    #expect(one.version != two.version)
  }

  private func study(with name: String, _ bytes: [UInt8]) throws(RegistryError) -> Study {
    var files = [
      "study.json": PackageResources.study_json,
      "dictionary.csv": PackageResources.dictionary_csv,
      "derived.csv": PackageResources.derived_csv,
      "rules.csv": PackageResources.rules_csv,
      "units.csv": PackageResources.units_csv,
      "plan.json": PackageResources.plan_json,
      "model.json": PackageResources.model_json,
    ]
    files[name] = bytes
    return try Study.parse(files)
  }
}
