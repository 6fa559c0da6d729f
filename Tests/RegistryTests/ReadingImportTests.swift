// SPDX-License-Identifier: Apache-2.0
import Registry
import Testing

/// Files with several rows a patient.
@Suite struct ReadingImportTests {
  @Test func `readers' own values are kept apart`() throws {
    let file = try Fixtures.read(
      "mrn,event,reader,adc_mean\nP1,week8,1,1.1\nP1,week8,2,1.2\nP1,week8,,1.15\n"
    )
    #expect(file.isAccepted)
    #expect(file.rows.flatMap(\.writes).map(\.reader) == ["1", "2", "consensus"])
    #expect(file.rows.flatMap(\.writes).map(\.event) == ["week8", "week8", "week8"])
  }

  @Test func `a field of one event keeps it in any row`() throws {
    let file = try Fixtures.read("mrn,event,reader,washout\nP1,week8,1,1\n")
    #expect(file.rows.first?.writes.first?.event == "baseline")
  }

  @Test func `a field that the row's event does not have is refused`() throws {
    let file = try Fixtures.read("mrn,event,reader,adc_mean\nP1,month6,1,1.1\n")
    #expect(file.problems.map(\.code) == ["wrong_event"])
  }

  @Test func `unknown events and readers are refused`() throws {
    let file = try Fixtures.read("mrn,event,reader,washout\nP1,week9,Dr Li,1\n")
    #expect(file.problems.map(\.code) == ["wrong_event", "unknown_reader"])
    #expect(file.problems.allSatisfy { !$0.message.contains("Dr Li") })
  }

  @Test func `the same patient, event and reader twice is refused`() throws {
    let file = try Fixtures.read("mrn,event,reader,adc_mean\nP1,week8,1,1.1\nP1,week8,1,1.2\n")
    #expect(file.problems.map(\.code).contains("duplicate_patient"))
  }

  @Test func `two rows with different values of one field are refused`() throws {
    let file = try Fixtures.read("mrn,event,reader,washout\nP1,baseline,1,1\nP1,week8,1,0\n")
    #expect(file.problems.map { "\($0.row) \($0.code)" } == ["2 duplicate_value"])
  }

  @Test func `a reader's own values out of order are kept with a warning`() throws {
    let own = try Fixtures.read("mrn,event,reader,adc_mean,adc_max\nP1,week8,1,1.2,1.1\n")
    #expect(own.problems.map(\.isWarning) == [true])
    let settled = try Fixtures.read(
      "mrn,event,reader,adc_mean,adc_max\nP1,week8,consensus,1.2,1.1\n"
    )
    #expect(settled.problems.map(\.isWarning) == [false])
  }

  @Test func `rules see every row of a patient`() throws {
    let file = try Fixtures.read(
      "mrn,event,reader,diameter\nP1,baseline,1,90\nP1,week8,1,9.5\n"
    )
    #expect(file.problems.contains { $0.row == 2 && $0.column == "diameter_week8" })
  }

  @Test func `treatment start may stand in another row of the patient`() throws {
    let file = try Fixtures.read(
      "mrn,event,reader,treatment_start,response_date\n"
        + "P1,,,2024-01-01,\nP1,month6,,,2023-06-01\n"
    )
    #expect(file.problems.map(\.code) == ["before_treatment_start"])
  }

  @Test func `the longitudinal export of REDCap is read`() throws {
    let file = try Fixtures.read(
      "record_id,redcap_event_name,redcap_repeat_instrument,redcap_repeat_instance,"
        + "redcap_data_access_group,treatment_start,sex,adc_mean,response,reading_complete\n"
        + "P1,baseline_arm_1,,,north,2024-01-01,male,,,2\n"
        + "P1,week8_arm_1,reading,1,north,,,1.1,,2\n"
        + "P1,month6_arm_1,,,north,,,,PR,2\n"
    )
    #expect(file.problems.isEmpty)
    #expect(file.rows.map(\.mrn.text) == ["P1", "P1", "P1"])
    #expect(
      file.rows.flatMap(\.writes).map { "\($0.event)/\($0.reader)/\($0.field)" } == [
        "//sex", "week8/1/adc_mean", "month6//response",
      ]
    )
  }
}
