// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import Registry

/// What must hold for any file.
@Suite struct ImportPropertyTests {
  private static let reproduce = "reproduce with LOBULE_SEED=\(SeededGenerator.seed)"

  @Test func `cells survive writing and reading`() throws {
    var random = SeededGenerator(SeededGenerator.seed)
    let pieces = ["a", "7", ",", "\"", "\n", "\r\n", " ", "肝", ""]
    for number in 0..<300 {
      let width = Int.random(in: 2...5, using: &random)
      let rows = (0..<Int.random(in: 1...6, using: &random)).map { _ in
        (0..<width).map { _ in
          (0..<Int.random(in: 0...4, using: &random))
            .map { _ in pieces[Int.random(in: 0..<pieces.count, using: &random)] }.joined()
        }
      }
      let text = rows.map { $0.map(Self.quoted).joined(separator: ",") + "\n" }.joined()
      var reader = CSVReader(Array(text.utf8))
      var read: [[String]] = []
      while let row = try reader.next() { read.append(row) }
      #expect(read == rows, "case \(number) failed; \(Self.reproduce)")
    }
  }

  @Test func `damaged files are read to the end, and refused rows are not accepted`() throws {
    var random = SeededGenerator(SeededGenerator.seed)
    let study = try Study.embedded()
    let whole = try Fixtures.hospital("hill").prefix(3000)
    for number in 0..<300 {
      var bytes = Array(whole)
      for _ in 0..<Int.random(in: 1...6, using: &random) {
        let place = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<3, using: &random) {
        case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes.remove(at: place)
        default:
          bytes.insert([0x2C, 0x22, 0x0A, 0x0D].randomElement(using: &random) ?? 0, at: place)
        }
      }
      let file = ImportFile.read(bytes, study: study)
      let refusals = file.problems.filter { !$0.isWarning }
      #expect(
        file.rows.allSatisfy { row in
          !file.refusedRows.contains(row.row) && !refusals.contains { $0.row == row.row }
        },
        "case \(number) failed; \(Self.reproduce)"
      )
      #expect(
        file.rows.isEmpty || !refusals.contains { $0.row == 0 },
        "case \(number) failed; \(Self.reproduce)"
      )
    }
  }

  private static func quoted(_ cell: String) -> String {
    let needsQuotes = cell.unicodeScalars.contains { [",", "\"", "\n", "\r"].contains($0) }
    return needsQuotes
      ? "\""
        + cell.split(separator: "\"", omittingEmptySubsequences: false)
        .joined(separator: "\"\"") + "\"" : cell
  }
}
