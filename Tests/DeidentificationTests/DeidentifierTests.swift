// SPDX-License-Identifier: Apache-2.0
import Deidentification
import Registry
import Replication
import Testing

/// One test for each control of what may leave a site.
@Suite struct DeidentifierTests {
  private let patient = PatientID(high: 1, low: 2)
  private let dot = Dot(replica: ReplicaID(high: 3, low: 4), sequence: 1)

  private func deidentifier() throws -> Deidentifier { Deidentifier(study: try Study.embedded()) }

  private func date(_ iso: String) throws -> CalendarDate { try #require(CalendarDate(iso: iso)) }

  private func writes(
    _ field: String,
    _ value: EnteredValue,
    event: String = "",
    reader: String = "",
    birth: String? = nil
  ) throws -> [DeidentifiedWrite] {
    try deidentifier().writes(
      [EnteredWrite(event: event, reader: reader, field: field, value: value)],
      treatmentStart: try date("2024-01-01"),
      birthDate: try birth.map(date)
    )
  }

  @discardableResult
  private func readmit(
    _ field: String,
    _ value: Value,
    event: String = "",
    reader: String = "",
    reason: String = "entry"
  ) throws -> DeidentifiedChangeset {
    let address = Address(patient: patient, event: event, reader: reader, field: field)
    return try deidentifier().readmit(
      Changeset(
        dot: dot,
        lamport: 1,
        reason: reason,
        context: VersionVector(),
        writes: [FieldWrite(address: address, value: value)]
      )
    )
  }

  @Test(arguments: ["mrn", "name", "note", "birth_date", "treatment_start"])
  func `identifying fields have no form on the wire`(field: String) throws {
    #expect(throws: DeidentificationError.identifyingField(field)) {
      try writes(field, .text("x"))
    }
    #expect(throws: DeidentificationError.identifyingField(field)) {
      try readmit(field, .integer(5))
    }
    #expect(throws: DeidentificationError.identifyingField(field)) {
      try readmit(field, .retracted)
    }
  }

  @Test(arguments: ["sex", "age", "consent_withdrawn"])
  func `free text is refused in every field`(field: String) throws {
    #expect(throws: DeidentificationError.freeText(field: field)) {
      try writes(field, .text("Zhang San"))
    }
  }

  @Test func `unlisted codes are refused`() throws {
    #expect(throws: DeidentificationError.unlistedCode(field: "sex")) {
      try writes("sex", .code("Zhang San"))
    }
    #expect(throws: DeidentificationError.unlistedCode(field: "sex")) {
      try readmit("sex", .code("Zhang San"))
    }
  }

  @Test func `unknown fields are refused without repeating their names`() throws {
    #expect(throws: DeidentificationError.unknownField(position: 0)) {
      try writes("zhang_san", .integer(1))
    }
    #expect(throws: DeidentificationError.unknownField(position: 0)) {
      try readmit("zhang_san", .integer(1))
    }
  }

  @Test func `events outside the field's own are refused`() throws {
    #expect(throws: DeidentificationError.unknownField(position: 0)) {
      try readmit("sex", .code("male"), event: "Zhang San")
    }
  }

  @Test(arguments: ["Dr Li", "", "4"])
  func `readers outside the study's are refused`(reader: String) throws {
    #expect(throws: DeidentificationError.unknownReader(field: "adc_mean")) {
      try readmit("adc_mean", .decimal(1), event: "week8", reader: reader)
    }
  }

  @Test func `records without readers take none`() throws {
    #expect(throws: DeidentificationError.unknownReader(field: "sex")) {
      try readmit("sex", .code("male"), reader: "consensus")
    }
  }

  @Test func `dates leave as whole days from treatment start`() throws {
    let result = try writes("response_date", .date(try date("2024-06-30")), event: "month6")
    #expect(result.map(\.value) == [.day(181)])
  }

  @Test func `a calendar date in another field is refused`() throws {
    #expect(throws: DeidentificationError.calendarDate(field: "age")) {
      try writes("age", .date(try date("2024-06-30")))
    }
  }

  /// 19,905 days after 1970 is a calendar date in disguise.
  @Test func `a day offset outside the field's limit is refused`() throws {
    #expect(throws: DeidentificationError.outsideHardLimit(field: "death_date")) {
      try readmit("death_date", .day(19_905))
    }
  }

  @Test(arguments: [
    Value.integer(1), .decimal(1), .code("1"), .day(1),
    .patient(PatientID(high: 0, low: 1)),
  ])
  func `a yes-or-no field takes yes or no alone`(value: Value) throws {
    #expect(throws: DeidentificationError.kindMismatch(field: "consent_withdrawn")) {
      try readmit("consent_withdrawn", value)
    }
    #expect(throws: Never.self) { try readmit("consent_withdrawn", .boolean(true)) }
  }

  @Test(arguments: [
    ("albumin", "baseline", Value.integer(37)), ("b_high", "week8", .decimal(800)),
    ("death_date", "", .integer(20)), ("sex", "", .boolean(true)),
  ])
  func `a value's kind is its field's type`(field: String, event: String, value: Value) throws {
    #expect(throws: DeidentificationError.kindMismatch(field: field)) {
      try readmit(field, value, event: event)
    }
  }

  @Test(arguments: [Double.nan, .infinity, 20_210_517])
  func `numbers outside the hard limit are refused`(number: Double) throws {
    #expect(throws: DeidentificationError.outsideHardLimit(field: "albumin")) {
      try readmit("albumin", .decimal(number), event: "baseline")
    }
  }

  @Test(arguments: [("1934-01-02", 89), ("1934-01-01", 90), ("1920-06-01", 90)])
  func `the age is computed and pooled from 90 on`(birth: String, expected: Int64) throws {
    let result = try writes("sex", .code("male"), birth: birth)
    #expect(result.map(\.field) == ["age", "sex"])
    #expect(result.first?.value == .integer(expected))
  }

  @Test func `a typed age is pooled, and gives way to a computed one`() throws {
    #expect(try writes("age", .integer(95)).map(\.value) == [.integer(90)])
    #expect(try writes("age", .integer(40), birth: "1960-01-01").map(\.value) == [.integer(64)])
  }

  @Test func `an age that was not pooled is refused when read back`() throws {
    #expect(throws: DeidentificationError.ageNotPooled) { try readmit("age", .integer(91)) }
  }

  @Test(arguments: ["", "Zhang San moved away", "Entry"])
  func `reasons outside the list are refused`(reason: String) throws {
    #expect(throws: DeidentificationError.unknownReason) {
      try readmit("sex", .code("male"), reason: reason)
    }
  }

  @Test func `every listed reason leaves`() throws {
    for reason in ChangeReason.allCases {
      #expect(throws: Never.self) {
        try readmit("sex", .code("male"), reason: reason.rawValue)
      }
    }
  }

  @Test func `missing reasons and retractions leave`() throws {
    #expect(throws: Never.self) {
      try readmit("albumin", .missing(.notDone), event: "baseline")
      try readmit("albumin", .retracted, event: "baseline")
    }
  }

  @Test(arguments: [("Zhang San", ""), ("", "consensus"), ("baseline", "")])
  func `a link stands at the patient's own address`(event: String, reader: String) throws {
    #expect(throws: DeidentificationError.unknownReader(field: "same_as")) {
      try readmit("same_as", .patient(patient), event: event, reader: reader)
    }
  }

  @Test func `only the link register names another patient`() throws {
    let other = PatientID(high: 5, low: 6)
    #expect(throws: Never.self) { try readmit("same_as", .patient(other)) }
    #expect(throws: DeidentificationError.kindMismatch(field: "same_as")) {
      try readmit("same_as", .code("Zhang San"))
    }
    #expect(throws: DeidentificationError.kindMismatch(field: "sex")) {
      try readmit("sex", .patient(other))
    }
  }

  @Test func `a changeset is made of admitted writes`() throws {
    let changeset = try deidentifier().changeset(
      dot: dot,
      lamport: 9,
      reason: "entry",
      context: VersionVector(),
      patient: patient,
      writes: try writes("sex", .code("male"), birth: "1960-01-01")
    ).changeset
    #expect(changeset.writes.count == 2)
    #expect(changeset.writes.allSatisfy { $0.address.row.patient == patient })
    #expect(changeset.lamport == 9)
  }

  @Test func `a changeset that writes nothing is refused`() throws {
    #expect(throws: DeidentificationError.nothingToWrite) {
      try deidentifier().changeset(
        dot: dot,
        lamport: 1,
        reason: "entry",
        context: VersionVector(),
        patient: patient,
        writes: []
      )
    }
  }

  @Test func `a changeset larger than any record is refused`() throws {
    let writes = (0...Deidentifier.writeLimit).map {
      FieldWrite(
        address: Address(
          patient: PatientID(high: 0, low: UInt64($0)),
          event: "",
          reader: "",
          field: "sex"
        ),
        value: .code("male")
      )
    }
    #expect(throws: DeidentificationError.tooManyWrites(count: writes.count)) {
      try deidentifier().readmit(
        Changeset(
          dot: dot,
          lamport: 1,
          reason: "entry",
          context: VersionVector(),
          writes: writes
        )
      )
    }
  }
}
