// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Registry

@Suite struct NumericTableTests {
  private static func read(_ text: String, _ columns: [String]? = nil) throws -> NumericTable {
    try NumericTable(Data(text.utf8), columns: columns)
  }

  private static func numbers(_ text: String) throws -> [Double] {
    guard case .numbers(let values) = try read(text)["x"] else { return [] }
    return values
  }

  @Test func `every decimal number is rounded as Swift rounds it`() throws {
    var generator = SeededGenerator(20_260_901)
    var texts: [String] = ["0", "-0", "1e-320", "9007199254740993", "0.1e1", "+2", ".5", "5."]
    for _ in 0..<4_000 {
      let value = Double(bitPattern: generator.next())
      guard value.isFinite else { continue }
      texts.append("\(value)")
      texts.append(String(format: "%.12g", Double.random(in: -1e6...1e6, using: &generator)))
    }
    let read = try Self.numbers("x\n" + texts.joined(separator: "\n"))
    try #require(read.count == texts.count)
    for (text, value) in zip(texts, read) {
      #expect(Double(text)?.bitPattern == value.bitPattern, "seed 20260901: \(text)")
    }
  }

  @Test(arguments: ["", "NA", "NaN", "\"NA\"", "  "])
  func `an empty cell and NA are missing`(cell: String) throws {
    let table = try Self.read("x,y\n1,1\n\(cell),2\n")
    guard case .numbers(let values) = table["x"] else {
      Issue.record("the column is text")
      return
    }
    #expect(values[0] == 1 && values[1].isNaN)
  }

  @Test func `one word makes a column text with sorted levels`() throws {
    let table = try Self.read("g,x\nb,1\n\"a, \"\"q\"\"\",2\nNA,3\nb,4\n")
    #expect(table["g"] == .text(codes: [1, 0, -1, 1], levels: ["a, \"q\"", "b"]))
    #expect(table["x"] == .numbers([1, 2, 3, 4]))
  }

  @Test func `a byte order mark, CRLF, empty lines and a missing last line end are read`() throws {
    #expect(try Self.numbers("\u{FEFF}x,y\r\n1,2\r\n\r\n3,4") == [1, 3])
  }

  @Test func `only the columns asked for are read`() throws {
    let table = try Self.read("x,y\n1,z\n", ["x"])
    #expect(table["y"] == nil && table.columnNames == ["x", "y"] && table.rowCount == 1)
  }

  @Test(
    arguments: [
      ("", nil, NumericTableFault.empty), ("x\n", nil, .empty),
      ("x,x\n1,2\n", nil, .columnRepeated("x")), ("x\n1\n", ["z"], .columnsMissing(["z"])),
      ("x,y\n1,2\n3\n", nil, .cellsDiffer(row: 2, expected: 2, found: 1)),
      ("x\n1,2\n", nil, .cellsDiffer(row: 1, expected: 1, found: 2)),
      ("x\n\"1\n", nil, .malformedQuote(row: 1)), ("x\n\"1\"2\n", nil, .malformedQuote(row: 1)),
    ] as [(String, [String]?, NumericTableFault)]
  )
  func `a malformed file is refused by name`(
    text: String,
    columns: [String]?,
    fault: NumericTableFault
  ) {
    #expect(throws: fault) { try Self.read(text, columns) }
  }
}
