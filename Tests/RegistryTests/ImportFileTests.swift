// SPDX-License-Identifier: Apache-2.0
import Registry
import Testing

@Suite struct ImportFileTests {
  @Test func `a patient's row is read by record`() throws {
    let file = try Fixtures.read([
      ("name", "A B"), ("sex", "male"), ("adc_mean_week8", "1.1"), ("response", "PR"),
    ])
    let row = try #require(file.rows.first)
    #expect(file.isAccepted)
    #expect(row.identity["name"] == .text("A B"))
    #expect(
      row.writes == [
        EnteredWrite(event: "", reader: "", field: "sex", value: .code("male")),
        EnteredWrite(
          event: "week8",
          reader: "consensus",
          field: "adc_mean",
          value: .decimal(1.1)
        ),
        EnteredWrite(event: "month6", reader: "", field: "response", value: .code("PR")),
      ]
    )
  }

  @Test func `blank cells are not given`() throws {
    let file = try Fixtures.read([("sex", ""), ("albumin", "  ")])
    #expect(file.rows.first?.writes.isEmpty == true)
    #expect(file.problems.isEmpty)
  }

  @Test func `an unknown column is refused by name with the nearest one`() throws {
    let file = try Fixtures.read([("adc_mean_weak8", "1.1")])
    let problem = try #require(file.problems.first)
    #expect((problem.row, problem.column, problem.code) == (0, "adc_mean_weak8", "unknown_column"))
    #expect(problem.message.contains("adc_mean_week8"))
    #expect(file.rows.isEmpty)
    #expect(file.refusedRows == [1])
  }

  @Test func `a field of several events needs one`() throws {
    let file = try Fixtures.read([("adc_mean", "1.1")])
    #expect(file.problems.first?.message.contains("adc_mean_baseline or adc_mean_week8") == true)
  }

  @Test func `a first line without any known column is not repeated`() throws {
    let file = try Fixtures.read("HAN000001,Zhang San\nHAN000002,Li Si\n")
    #expect(file.problems.count == 1)
    #expect(file.problems.allSatisfy { !$0.message.contains("Zhang") && $0.column.isEmpty })
  }

  @Test func `a column that stands twice is refused`() throws {
    let file = try Fixtures.read([("sex", "male"), ("sex", "female")])
    #expect(file.problems.map(\.code) == ["duplicate_column"])
  }

  @Test func `a patient that stands twice is refused at the second row`() throws {
    let file = try Fixtures.read("mrn,treatment_start\nP1,2024-01-01\nP1 ,2024-01-01\n")
    let problem = try #require(file.problems.first)
    #expect((problem.row, problem.code) == (2, "duplicate_patient"))
    #expect(problem.message.contains("row 1"))
    #expect(!problem.message.contains("P1"))
  }

  @Test func `rows without record number or treatment start are refused`() throws {
    let file = try Fixtures.read("mrn,treatment_start\n,2024-01-01\nP2,\n")
    #expect(file.problems.map(\.code) == ["missing_mrn", "missing_treatment_start"])
    #expect(file.refusedRows == [1, 2])
  }

  @Test func `files without those columns are refused`() throws {
    let file = try Fixtures.read("sex\nmale\n")
    #expect(Set(file.problems.map(\.code)) == ["missing_mrn", "missing_treatment_start"])
  }

  @Test func `every fault is listed by row and column`() throws {
    let file = try Fixtures.read(
      "mrn,treatment_start,sex,albumin,response_date\n"
        + "P1,2024-01-01,X,abc,2024-02-30\nP2,2024-01-01,male,37,2023-01-01\n"
    )
    #expect(
      file.problems.map { "\($0.row) \($0.column) \($0.code)" } == [
        "1 sex not_a_choice", "1 albumin not_a_number", "1 response_date not_a_date",
        "2 response_date before_treatment_start",
      ]
    )
  }

  @Test func `the good rows remain beside a refused one`() throws {
    let file = try Fixtures.read(
      "mrn,treatment_start,sex\nP1,2024-01-01,male\nP2,2024-01-01,X\nP3,2024-01-01,female\n"
    )
    #expect(file.rows.map(\.row) == [1, 3])
    #expect(file.refusedRows == [2])
  }

  @Test func `a row of another length is refused`() throws {
    let file = try Fixtures.read("mrn,treatment_start\nP1,2024-01-01,x\n")
    #expect(file.problems.map(\.code) == ["malformed_csv"])
  }

  @Test func `an open quote refuses the whole file`() throws {
    let file = try Fixtures.read("mrn,treatment_start\nP1,2024-01-01\n\"P2,2024-01-01\n")
    #expect(file.problems.map(\.code) == ["malformed_csv"])
    #expect(file.rows.isEmpty)
  }

  @Test func `blank lines are skipped and counted, as in a spreadsheet`() throws {
    let file = try Fixtures.read("mrn,treatment_start\n\nP1,2024-01-01\n,\n")
    #expect(file.rows.map(\.row) == [2])
    #expect(file.isAccepted)
  }

  @Test func `bytes that are not UTF-8 are named with their likely coding`() throws {
    let bytes = Array("mrn,name\nP1,".utf8) + [0xD5, 0xC5, 0xC8, 0xFD]
    let file = ImportFile.read(bytes, study: try Study.embedded())
    #expect(file.problems.map(\.code) == ["not_utf8"])
    #expect(file.problems.first?.message.contains("GB18030") == true)
  }

  @Test func `UTF-16 is named by its mark`() throws {
    let file = ImportFile.read([0xFF, 0xFE, 0x6D, 0x00], study: try Study.embedded())
    #expect(file.problems.first?.message.contains("UTF-16") == true)
  }

  @Test(arguments: [";", "\t"])
  func `other separators are named`(separator: String) throws {
    let file = try Fixtures.read("mrn\(separator)treatment_start\nP1\(separator)2024-01-01\n")
    #expect(file.problems.first?.message.contains("by commas") == true)
  }

  @Test func `a typed age that the dates contradict is refused`() throws {
    let file = try Fixtures.read([("birth_date", "1960-05-01"), ("age", "36")])
    #expect(file.problems.map { "\($0.column) \($0.code)" } == ["age cross_field"])
    #expect(try Fixtures.read([("birth_date", "1960-05-01"), ("age", "63")]).isAccepted)
  }

  @Test func `an empty file is refused`() throws {
    #expect(try Fixtures.read("").problems.map(\.code) == ["malformed_csv"])
  }

  @Test func `a file with too many bytes is refused unread`() throws {
    let bytes = [UInt8](repeating: 0x61, count: ImportFile.byteLimit + 1)
    let file = ImportFile.read(bytes, study: try Study.embedded())
    #expect(file.problems.map(\.code) == ["too_large"])
  }

  @Test func `more columns than the limit are refused`() throws {
    let header = (0...ImportFile.columnLimit).map { "c\($0)" }.joined(separator: ",")
    #expect(try Fixtures.read(header + "\n").problems.map(\.code) == ["too_large"])
  }

  @Test func `problem lists end with a notice`() throws {
    let rows = (1...6000).map { "P\($0),2024-01-01,X,Y" }.joined(separator: "\n")
    let file = try Fixtures.read("mrn,treatment_start,sex,aetiology\n" + rows)
    #expect(file.problems.count == ImportFile.problemLimit + 1)
    #expect(file.refusedRows.count == 6000)
  }

  @Test func `ages that are impossible are refused at the birth date`() throws {
    let file = try Fixtures.read([("birth_date", "2020-05-01")])
    #expect(file.problems.map { "\($0.column) \($0.code)" } == ["birth_date outside_hard_limit"])
    #expect(file.problems.allSatisfy { !$0.message.contains("2020") })
  }

  @Test func `no message repeats an identifying cell`() throws {
    let file = try Fixtures.read(
      "mrn,name,birth_date,treatment_start,note,sex\n"
        + "P-77031,Zhang\u{7}San,17.05.1961,12/06/2024,no\u{1}te,Zhang\n"
    )
    let text = file.problems.map(\.message).joined(separator: " ")
    #expect(file.problems.count >= 4)
    for secret in ["77031", "Zhang", "1961", "06/2024", "te,"] { #expect(!text.contains(secret)) }
  }
}
