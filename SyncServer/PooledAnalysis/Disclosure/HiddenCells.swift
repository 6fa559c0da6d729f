// SPDX-License-Identifier: Apache-2.0

/// What the published part of a table tells of its hidden cells.
///
/// All totals are known, so that the hidden counts are a transportation problem: a count can change
/// by what flows between its row and its column through the other hidden cells. The limits are
/// those of linear programming, and whole numbers reach them.
///
/// Source: Fischetti & Salazar-González, Management Science 2001;47:1008–1027,
/// doi:10.1287/mnsc.47.7.1008.9805 (attacker's problems of cell suppression).
struct HiddenCells {
  /// A cell by its row and column.
  struct Cell: Hashable, Comparable {
    let row: Int
    let column: Int

    static func < (left: Cell, right: Cell) -> Bool {
      (left.row, left.column) < (right.row, right.column)
    }
  }

  private let counts: [[Int]]
  private(set) var cells: Set<Cell>
  private let total: Int

  init(_ table: CountTable, cells: Set<Cell>) {
    counts = table.counts
    self.cells = cells
    total = table.rowTotals.reduce(0, +)
  }

  mutating func hide(_ more: Set<Cell>) { cells.formUnion(more) }

  /// The counts that a hidden cell may have by what is published.
  func range(of cell: Cell) -> ClosedRange<Int> {
    let count = counts[cell.row][cell.column]
    let others = cells.subtracting([cell])
    // More in this cell is less in others of its row, which are more in other rows, and so on.
    let rise = flow(cell, others) { count in (toColumn: count, toRow: total) }
    let fall = flow(cell, others) { count in (toColumn: total, toRow: count) }
    return max(0, count - fall)...(count + rise)
  }

  /// The greatest flow from a cell's row to its column through other cells.
  private func flow(
    _ cell: Cell,
    _ others: Set<Cell>,
    capacities: (Int) -> (toColumn: Int, toRow: Int)
  ) -> Int {
    let rows = counts.count
    let nodes = rows + (counts.first?.count ?? 0)
    var capacity = Array(repeating: Array(repeating: 0, count: nodes), count: nodes)
    for other in others {
      let ways = capacities(counts[other.row][other.column])
      capacity[other.row][rows + other.column] = ways.toColumn
      capacity[rows + other.column][other.row] = ways.toRow
    }
    var flow = 0
    while let path = Self.path(from: cell.row, to: rows + cell.column, capacity) {
      let arcs = zip(path, path.dropFirst())
      let amount = arcs.map { capacity[$0][$1] }.min() ?? 0
      for (from, to) in arcs {
        capacity[from][to] -= amount
        capacity[to][from] += amount
      }
      flow += amount
    }
    return flow
  }

  /// A shortest way along arcs with room; nil when there is none.
  private static func path(from start: Int, to end: Int, _ capacity: [[Int]]) -> [Int]? {
    var previous: [Int: Int] = [start: start]
    var waiting = [start]
    var next = 0
    while next < waiting.count, previous[end] == nil {
      let node = waiting[next]
      next += 1
      for other in capacity.indices where capacity[node][other] > 0 && previous[other] == nil {
        previous[other] = node
        waiting.append(other)
      }
    }
    guard previous[end] != nil else { return nil }
    var path = [end]
    while let node = path.last, node != start, let before = previous[node] { path.append(before) }
    return path.reversed()
  }
}
