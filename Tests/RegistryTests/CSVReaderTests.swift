// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import Registry

@Suite struct CSVReaderTests {
  private func rows(_ text: String, columnLimit: Int = 10) throws -> [[String]] {
    var reader = CSVReader(Array(text.utf8), columnLimit: columnLimit)
    var rows: [[String]] = []
    while let row = try reader.next() { rows.append(row) }
    return rows
  }

  @Test func `line feeds and carriage returns both end rows`() throws {
    #expect(try rows("a,b\r\n1,2\n3,4") == [["a", "b"], ["1", "2"], ["3", "4"]])
  }

  @Test func `a byte order mark is skipped`() throws {
    #expect(try rows("\u{FEFF}a,b\n") == [["a", "b"]])
  }

  @Test func `quoted cells hold commas, line ends and doubled quotes`() throws {
    #expect(try rows("\"a,\"\"b\"\"\r\nc\",d\n") == [["a,\"b\"\r\nc", "d"]])
  }

  @Test func `blank cells at both ends are kept`() throws {
    #expect(try rows(",x,\n") == [["", "x", ""]])
  }

  @Test func `an empty text has no rows`() throws {
    #expect(try rows("").isEmpty)
  }

  @Test func `a quote that never ends is refused`() {
    #expect(throws: CSVFault.unterminatedQuote) { try rows("a,\"b\n") }
  }

  @Test(arguments: ["a\"b,c\n", "\"a\"b,c\n"])
  func `a quote inside a cell is refused`(text: String) {
    #expect(throws: CSVFault.strayQuote) { try rows(text) }
  }

  @Test func `a lone carriage return is refused`() {
    #expect(throws: CSVFault.loneCarriageReturn) { try rows("a\rb\n") }
  }

  @Test func `columns beyond the limit are refused`() throws {
    #expect(try rows("1,2,3\n", columnLimit: 3).count == 1)
    #expect(throws: CSVFault.tooManyColumns) { try rows("1,2,3,4\n", columnLimit: 3) }
  }
}
