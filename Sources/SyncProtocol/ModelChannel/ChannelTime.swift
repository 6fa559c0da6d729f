// SPDX-License-Identifier: Apache-2.0

/// Times of channel documents: RFC 3339 in UTC with whole seconds, `2027-11-23T00:00:00Z`.
enum ChannelTime {
  private static let secondsPerDay = 86_400

  /// The seconds since 1970 of a text; `nil` unless it is in the one form and a real time.
  static func seconds(_ text: String) -> Int? {
    let bytes = Array(text.utf8)
    guard bytes.count == 20, bytes[4] == 0x2D, bytes[7] == 0x2D, bytes[10] == 0x54,
      bytes[13] == 0x3A, bytes[16] == 0x3A, bytes[19] == 0x5A,
      let year = number(bytes[0..<4]), let month = number(bytes[5..<7]),
      let day = number(bytes[8..<10]), let hour = number(bytes[11..<13]),
      let minute = number(bytes[14..<16]), let second = number(bytes[17..<19]),
      (1970...9999).contains(year), (1...12).contains(month), (1...31).contains(day),
      hour < 24, minute < 60, second < 60
    else { return nil }
    let days = daysSince1970(year: year, month: month, day: day)
    let result = days * secondsPerDay + hour * 3600 + minute * 60 + second
    // A day that the month does not have comes back as one of the next month.
    return self.text(result) == text ? result : nil
  }

  /// The text of a time, seconds since 1970.
  static func text(_ seconds: Int) -> String {
    let days = seconds / secondsPerDay
    let rest = seconds % secondsPerDay
    let (year, month, day) = date(daysSince1970: days)
    let date = "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
    let time = [rest / 3600, rest / 60 % 60, rest % 60].map { padded($0, 2) }
    return "\(date)T\(time.joined(separator: ":"))Z"
  }

  private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
    guard digits.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else { return nil }
    return digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
  }

  private static func padded(_ number: Int, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }

  private static func isLeap(_ year: Int) -> Bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
  }

  private static func daysInMonths(_ year: Int) -> [Int] {
    [31, isLeap(year) ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
  }

  /// Days before a year, counted from the year 1 of the Gregorian calendar.
  private static func daysBefore(_ year: Int) -> Int {
    let past = year - 1
    return past * 365 + past / 4 - past / 100 + past / 400
  }

  private static func daysSince1970(year: Int, month: Int, day: Int) -> Int {
    daysBefore(year) - daysBefore(1970)
      + daysInMonths(year).prefix(month - 1).reduce(0, +) + day - 1
  }

  private static func date(daysSince1970 days: Int) -> (year: Int, month: Int, day: Int) {
    var year = 1970 + days / 366
    while daysBefore(year + 1) - daysBefore(1970) <= days { year += 1 }
    var rest = days - (daysBefore(year) - daysBefore(1970))
    var month = 1
    for length in daysInMonths(year) {
      guard rest >= length else { break }
      rest -= length
      month += 1
    }
    return (year, month, rest + 1)
  }
}
