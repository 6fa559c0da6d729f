// SPDX-License-Identifier: Apache-2.0
import Foundation
import PooledAnalysis
import Testing

@Suite struct SafeTableTests {
  /// Every count that each hidden cell has in some whole table with what is published.
  ///
  /// Plain enumeration, row by row: slow, and nothing of the method that chose the cells.
  private static func possible(_ table: SafeTable) -> [[Set<Int>]] {
    var found = table.cells.map { $0.map { _ in Set<Int>() } }
    var current = table.cells.map { $0.map { $0 ?? 0 } }
    func fill(_ row: Int, _ column: Int, _ rowLeft: Int, _ columnsLeft: [Int]) {
      if column == table.columns.count {
        guard rowLeft == 0 else { return }
        guard row + 1 < table.rows.count else {
          guard columnsLeft.allSatisfy({ $0 == 0 }) else { return }
          for (index, cells) in current.enumerated() {
            for (place, count) in cells.enumerated() { found[index][place].insert(count) }
          }
          return
        }
        return fill(row + 1, 0, table.rowTotals[row + 1], columnsLeft)
      }
      let limit = min(rowLeft, columnsLeft[column])
      guard limit >= 0 else { return }
      let choices: ClosedRange<Int>
      if let shown = table.cells[row][column] {
        guard shown <= limit else { return }
        choices = shown...shown
      } else {
        choices = 0...limit
      }
      for count in choices {
        current[row][column] = count
        var left = columnsLeft
        left[column] -= count
        fill(row, column + 1, rowLeft - count, left)
      }
    }
    fill(0, 0, table.rowTotals[0], table.columnTotals)
    return found
  }

  /// Limits of the hidden cells by sums alone, repeated until nothing moves.
  private static func propagated(_ table: SafeTable) -> [[ClosedRange<Int>]] {
    var ranges = table.cells.map { $0.map { $0.map { $0...$0 } ?? 0...table.total } }
    let rows = table.rows.indices
    let columns = table.columns.indices
    var isMoving = true
    while isMoving {
      isMoving = false
      for row in rows {
        for column in columns where table.cells[row][column] == nil {
          let beside = columns.filter { $0 != column }.map { ranges[row][$0] }
          let above = rows.filter { $0 != row }.map { ranges[$0][column] }
          var range = ranges[row][column]
          for (total, others) in [
            (table.rowTotals[row], beside), (table.columnTotals[column], above),
          ] {
            let least = total - others.reduce(0) { $0 + $1.upperBound }
            let most = total - others.reduce(0) { $0 + $1.lowerBound }
            range = max(range.lowerBound, least)...min(range.upperBound, most)
          }
          if range != ranges[row][column] {
            ranges[row][column] = range
            isMoving = true
          }
        }
      }
    }
    return ranges
  }

  private static func random(
    rows: Int,
    columns: Int,
    largest: Int,
    _ generator: inout SystemRandomNumberGenerator
  ) -> CountTable {
    CountTable(
      name: "t",
      rows: (0..<rows).map { "r\($0)" },
      columns: (0..<columns).map { "c\($0)" },
      counts: (0..<rows).map { _ in
        (0..<columns).map { _ in Int.random(in: 0...largest, using: &generator) }
      }
    )
  }

  @Test func `enumeration finds five possible counts for every hidden cell`() {
    var generator = SystemRandomNumberGenerator()
    var published = 0
    for _ in 0..<150 {
      let table = Self.random(rows: 3, columns: 3, largest: 9, &generator)
      guard let safe = try? SafeTable.protect(table) else { continue }
      published += 1
      let possible = Self.possible(safe)
      for (row, cells) in safe.cells.enumerated() {
        for (column, shown) in cells.enumerated() where shown == nil {
          #expect(
            possible[row][column].count >= SafeTable.least,
            "\(table.counts) shows \(row), \(column)"
          )
        }
      }
    }
    #expect(published > 20)
  }

  @Test func `sums solve no hidden cell of a larger table`() {
    var generator = SystemRandomNumberGenerator()
    var hidden = 0
    for _ in 0..<200 {
      let table = Self.random(rows: 7, columns: 4, largest: 30, &generator)
      guard let safe = try? SafeTable.protect(table) else { continue }
      let ranges = Self.propagated(safe)
      for (row, cells) in safe.cells.enumerated() {
        for (column, shown) in cells.enumerated() where shown == nil {
          hidden += 1
          #expect(ranges[row][column].count >= SafeTable.least, "\(table.counts)")
        }
      }
    }
    #expect(hidden > 200)
  }

  @Test func `the attack solves a table whose small cells alone are hidden`() {
    let table = CountTable(
      name: "t",
      rows: ["a", "b"],
      columns: ["x", "y"],
      counts: [[2, 30], [40, 50]]
    )
    let naive = """
      {"name":"t","rows":["a","b"],"columns":["x","y"],"cells":[[null,30],[40,50]],\
      "rowTotals":[32,90],"columnTotals":[42,80]}
      """
    let attacked = try? JSONDecoder().decode(SafeTable.self, from: Data(naive.utf8))
    #expect(attacked.map { Self.possible($0)[0][0] } == [2])
    let safe = try? SafeTable.protect(table)
    #expect(safe == nil, "all four cells would have to be hidden")
  }

  @Test func `no cell under five is shown, zeros neither`() throws {
    let table = CountTable(
      name: "t",
      rows: ["a", "b", "c"],
      columns: ["x", "y", "z"],
      counts: [[0, 30, 20], [40, 50, 60], [17, 4, 90]]
    )
    let safe = try SafeTable.protect(table)
    #expect(safe.cells.joined().compactMap(\.self).allSatisfy { $0 >= 5 })
    #expect(safe.rowTotals == [50, 150, 111])
    #expect(safe.cells[0][0] == nil)
    #expect(safe.cells[2][1] == nil)
  }

  @Test func `small categories are joined under all their names`() throws {
    let table = CountTable(
      name: "t",
      rows: ["a", "b", "c", "d"],
      columns: ["x", "y"],
      counts: [[60, 70], [1, 1], [2, 0], [50, 60]]
    )
    let safe = try? SafeTable.protect(table)
    #expect(safe?.rows.contains { $0.contains("b") && $0.contains("c") } ?? true)
    #expect(safe?.rowTotals.allSatisfy { $0 >= 5 } ?? true)
  }

  @Test func `the difference of two cuts shows no change by few patients`() throws {
    var generator = SystemRandomNumberGenerator()
    for _ in 0..<200 {
      let first = Self.random(rows: 5, columns: 4, largest: 60, &generator)
      guard let earlier = try? SafeTable.protect(first) else { continue }
      let second = CountTable(
        name: "t",
        rows: first.rows,
        columns: first.columns,
        counts: first.counts.map { $0.map { $0 + Int.random(in: 0...8, using: &generator) } }
      )
      guard let later = try? SafeTable.protect(second, after: [earlier]),
        later.rows == earlier.rows, later.columns == earlier.columns
      else { continue }
      for (before, after) in zip(earlier.cells.joined(), later.cells.joined()) {
        guard let before, let after else { continue }
        #expect(!(1..<5).contains(abs(after - before)))
      }
      for (before, after) in zip(earlier.rowTotals, later.rowTotals) {
        #expect(!(1..<5).contains(abs(after - before)))
      }
    }
  }

  @Test func `one patient more withholds the table`() throws {
    let counts = [[10, 20, 30], [40, 50, 60], [17, 14, 90]]
    func table(_ counts: [[Int]]) -> CountTable {
      CountTable(name: "t", rows: ["a", "b", "c"], columns: ["x", "y", "z"], counts: counts)
    }
    let earlier = try SafeTable.protect(table(counts))
    var more = counts
    more[0][0] += 1
    #expect(throws: WithheldTable.tooLittleChanged) {
      try SafeTable.protect(table(more), after: [earlier])
    }
    #expect(try SafeTable.protect(table(counts), after: [earlier]) == earlier)
  }
}
