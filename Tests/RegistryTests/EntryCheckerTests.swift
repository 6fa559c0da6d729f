// SPDX-License-Identifier: Apache-2.0
import Registry
import Replication
import Testing

@Suite struct EntryCheckerTests {
  private func parse(_ field: String, _ text: String) throws -> EnteredValue {
    let study = try Study.embedded()
    let definition = try #require(study.dictionary.field(field, event: nil))
    return try EntryChecker(study: study).parse(text, field: definition)
  }

  private func refusal(_ field: String, _ text: String) throws -> ProblemCode? {
    do {
      _ = try parse(field, text)
      return nil
    } catch let problem as EntryProblem {
      return problem.code
    }
  }

  private func check(
    _ writes: [(field: String, event: String, value: EnteredValue)],
    existing: [RowAddress: RowHeads] = [:]
  ) throws -> [Problem] {
    let study = try Study.embedded()
    let entered = try writes.map { write in
      let field = try #require(study.dictionary.field(write.field, event: write.event))
      return EnteredWrite(
        event: write.event,
        reader: field.hasReaders ? "consensus" : "",
        field: write.field,
        value: write.value
      )
    }
    return EntryChecker(study: study).check(
      entered,
      treatmentStart: try Fixtures.date("2024-01-01"),
      existing: existing
    )
  }

  @Test(arguments: ["1.5", " 1.5 ", "15e-1", "+1.5"])
  func `numbers are read as written`(text: String) throws {
    #expect(try parse("albumin", text) == .decimal(1.5))
  }

  @Test(arguments: [
    "nan", "inf", "0x10", "1,5", "1 000", "<0.6", "3.0 g/L", "--1", "1e", "1e999", ".",
  ])
  func `other texts are no numbers`(text: String) throws {
    #expect(try refusal("albumin", text) == .notANumber)
  }

  @Test(arguments: ["3.5", "1e3", "12345678901234567890"])
  func `whole numbers take digits alone`(text: String) throws {
    #expect(try refusal("b_high", text) == .notANumber)
  }

  @Test(arguments: [("1", true), ("yes", true), ("TRUE", true), ("0", false), ("No", false)])
  func `yes and no are read in three ways`(text: String, expected: Bool) throws {
    #expect(try parse("washout", text) == .boolean(expected))
  }

  @Test func `other words are neither yes nor no`() throws {
    #expect(try refusal("washout", "maybe") == .notABoolean)
  }

  @Test(arguments: ["X", "male ", "MALE", "Zhang San"])
  func `codes outside the list are refused, and their text is not repeated`(text: String) throws {
    guard text != "male " else {
      #expect(try parse("sex", text) == .code("male"))
      return
    }
    let problem = #expect(throws: EntryProblem.self) { try parse("sex", text) }
    #expect(problem?.code == .notAChoice)
    #expect(problem?.message.contains("male, female") == true)
    #expect(problem?.message.contains(text) == false)
  }

  @Test func `a day that does not exist is refused`() throws {
    #expect(try refusal("death_date", "2024-02-30") == .notADate)
  }

  @Test(arguments: ["03/04/2024", "3.4.2024"])
  func `dates with slashes or dots are named ambiguous`(text: String) throws {
    let problem = #expect(throws: EntryProblem.self) { try parse("death_date", text) }
    #expect(problem?.message.contains("ambiguous") == true)
    #expect(problem?.message.contains(text) == false)
  }

  @Test(arguments: MissingReason.allCases)
  func `missing is a value of its own with a reason`(reason: MissingReason) throws {
    #expect(try parse("albumin", reason.rawValue) == .missing(reason))
    #expect(try parse("sex", reason.rawValue) == .missing(reason))
  }

  @Test func `identifying fields have no missing reasons`() throws {
    #expect(try refusal("birth_date", "not_known") == .notADate)
    #expect(try parse("note", "not_known") == .text("not_known"))
  }

  @Test(arguments: [
    ("neutrophils", "baseline", 3000, "/uL", "3.0"),
    ("adc_mean", "week8", 1085, "um2/s", "1.085"),
    ("adc_mean", "week8", 0.001085, "mm2/s", "1.085"),
    ("albumin", "baseline", 3.7, "g/dL", "37"),
    ("platelets", "baseline", 150_000, "/uL", "150.0"),
  ])
  func `an impossible value in another unit is refused with the conversion`(
    field: String,
    event: String,
    value: Double,
    unit: String,
    advice: String
  ) throws {
    let problem = try #require(try check([(field, event, .decimal(value))]).first)
    #expect(problem.code == "wrong_unit")
    #expect(!problem.isWarning)
    #expect(problem.message.contains("looks like \(unit): enter \(advice)"))
  }

  @Test func `a diameter in cm is accepted when confirmed, with the conversion`() throws {
    let problem = try #require(try check([("diameter", "baseline", .decimal(7))]).first)
    #expect(problem.code == "wrong_unit")
    #expect(problem.isWarning)
    #expect(problem.message.contains("7 looks like cm: enter 70.0 (mm)"))
  }

  @Test func `an impossible value without a conversion is refused`() throws {
    let problem = try #require(try check([("inr", "baseline", .decimal(40))]).first)
    #expect(problem.code == "outside_hard_limit")
    #expect(problem.message.contains("0.5 to 15"))
  }

  @Test func `an unusual value is a warning`() throws {
    let problem = try #require(try check([("inr", "baseline", .decimal(3))]).first)
    #expect(problem.code == "outside_soft_limit")
    #expect(problem.isWarning)
  }

  @Test func `limits belong to the usual and possible values`() throws {
    #expect(try check([("inr", "baseline", .decimal(2.5))]).isEmpty)
    #expect(try check([("inr", "baseline", .decimal(15))]).allSatisfy { $0.isWarning })
  }

  @Test func `a response before treatment start is refused`() throws {
    let date = try Fixtures.date("2023-12-31")
    let problem = try #require(try check([("response_date", "month6", .date(date))]).first)
    #expect(problem.code == "before_treatment_start")
    #expect(!problem.message.contains("2023"))
  }

  @Test func `a date on an impossible day is refused`() throws {
    let date = try Fixtures.date("2026-01-01")
    let problem = try #require(try check([("response_date", "month6", .date(date))]).first)
    #expect(problem.code == "outside_hard_limit")
  }

  @Test func `a number with many digits is not repeated`() throws {
    let problem = try #require(
      try check([("neutrophils", "baseline", .decimal(440_123_198))]).first
    )
    #expect(!problem.message.contains("440"))
  }

  @Test func `values out of order are refused`() throws {
    let problems = try check([
      ("adc_min", "week8", .decimal(1.2)), ("adc_mean", "week8", .decimal(1.1)),
      ("adc_max", "week8", .decimal(1.3)),
    ])
    #expect(problems.map(\.code) == ["cross_field"])
    #expect(problems.first?.column == "adc_mean_week8")
  }

  @Test func `rules look at what is known already`() throws {
    let patient = PatientID(high: 1, low: 2)
    var register = Register()
    register.apply(
      value: .decimal(1.2),
      dot: Dot(replica: ReplicaID(high: 0, low: 1), sequence: 1),
      lamport: 1,
      context: VersionVector()
    )
    let existing = [
      RowAddress(patient: patient, event: "week8", reader: "consensus"): ["adc_min": register]
    ]
    let problems = try check([("adc_mean", "week8", .decimal(1.1))], existing: existing)
    #expect(problems.map(\.code) == ["cross_field"])
  }

  @Test func `old faults do not come back with an unrelated save`() throws {
    let patient = PatientID(high: 1, low: 2)
    var register = Register()
    register.apply(
      value: .decimal(1.2),
      dot: Dot(replica: ReplicaID(high: 0, low: 1), sequence: 1),
      lamport: 1,
      context: VersionVector()
    )
    let existing = [
      RowAddress(patient: patient, event: "week8", reader: "consensus"): [
        "adc_min": register, "adc_max": register, "adc_mean": Register(heads: []),
      ]
    ]
    #expect(try check([("inr", "baseline", .decimal(1.1))], existing: existing).isEmpty)
  }

  @Test func `white cells that add up to a hundred are percentages`() throws {
    let problems = try check([
      ("neutrophils", "baseline", .decimal(62)), ("monocytes", "baseline", .decimal(8)),
      ("lymphocytes", "baseline", .decimal(28)),
    ])
    #expect(problems.contains { $0.code == "wrong_unit" && !$0.isWarning })
  }

  @Test(arguments: [(92.0, 9.5), (9.0, 92.0)])
  func `diameters of two units beside each other are refused`(
    baseline: Double,
    later: Double
  ) throws {
    let problems = try check([
      ("diameter", "baseline", .decimal(baseline)), ("diameter", "week8", .decimal(later)),
    ])
    #expect(problems.contains { $0.column == "diameter_week8" && !$0.isWarning })
  }

  @Test func `an unusual derived index is a warning`() throws {
    let problems = try check([
      ("t2_tumour", "week8", .decimal(900)), ("t2_muscle", "week8", .decimal(100)),
    ])
    #expect(problems.map(\.column) == ["t2_sir_week8"])
    #expect(problems.allSatisfy { $0.isWarning })
  }

  @Test func `a response that the diameters contradict is a warning`() throws {
    let problems = try check([
      ("target1_viable", "baseline", .decimal(50)), ("target1_viable", "month6", .decimal(20)),
      ("response", "month6", .code("SD")),
    ])
    #expect(problems.map(\.code) == ["response_differs"])
    #expect(problems.first?.message.contains("give PR, not SD") == true)
  }
}
