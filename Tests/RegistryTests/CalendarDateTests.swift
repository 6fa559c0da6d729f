// SPDX-License-Identifier: Apache-2.0
import Registry
import Testing

@Suite struct CalendarDateTests {
  @Test(arguments: [
    "2024-02-30", "2023-02-29", "1900-02-29", "2024-13-01", "2024-00-10", "2024-1-1",
  ])
  func `days that do not exist are refused`(text: String) {
    #expect(CalendarDate(iso: text) == nil)
  }

  @Test(arguments: ["31/03/2024", "2024-03-31T00:00", "+024-03-31", "２０２４-03-31", ""])
  func `other ways of writing a date are refused`(text: String) {
    #expect(CalendarDate(iso: text) == nil)
  }

  @Test func `leap days exist every fourth year but not in three centuries of four`() {
    #expect(CalendarDate(iso: "2024-02-29") != nil)
    #expect(CalendarDate(iso: "2000-02-29") != nil)
  }

  @Test func `the date survives its own writing`() throws {
    #expect(try Fixtures.date("0987-06-05").iso == "0987-06-05")
  }

  /// The slow twin counts the days one by one over five centuries.
  @Test func `day differences agree with counting`() throws {
    let start = try Fixtures.date("1800-01-01")
    var count = 0
    for year in 1800...2299 {
      let isLeap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0
      let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
      for (month, length) in lengths.enumerated() {
        for day in 1...length {
          let date = try #require(CalendarDate(year: year, month: month + 1, day: day))
          if date.days(since: start) != count || start.adding(days: count) != date {
            Issue.record("\(date.iso) is not \(count) days after \(start.iso)")
          }
          count += 1
        }
      }
    }
  }

  @Test func `an age is completed on the birthday`() throws {
    let birth = try Fixtures.date("1960-05-10")
    #expect(try Fixtures.date("2024-05-09").age(bornOn: birth) == 63)
    #expect(try Fixtures.date("2024-05-10").age(bornOn: birth) == 64)
  }

  @Test func `a leap day's birthday falls on the first of March in common years`() throws {
    let birth = try Fixtures.date("2000-02-29")
    #expect(try Fixtures.date("2023-02-28").age(bornOn: birth) == 22)
    #expect(try Fixtures.date("2023-03-01").age(bornOn: birth) == 23)
  }

  @Test func `sums beyond the calendar have no date`() throws {
    let date = try Fixtures.date("2024-01-01")
    #expect(date.adding(days: .max) == nil)
    #expect(date.adding(days: 3_500_000) == nil)
  }
}
