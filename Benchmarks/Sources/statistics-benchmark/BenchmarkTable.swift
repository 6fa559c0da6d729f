// SPDX-License-Identifier: Apache-2.0
import Biostatistics
import Foundation
import Registry

/// The columns of a benchmark's table that a task uses, in the types that the library takes.
struct BenchmarkTable {
  static let predictors = (1...10).map { "x\($0)" }

  let design: DesignMatrix?
  let outcomes: [Bool]
  let sites: [String]
  let times: [Double]
  let events: [Bool]
  let groups: [Int]

  init(file: String, task: StatisticsTask) throws {
    let bytes = try Data(contentsOf: URL(filePath: file), options: .alwaysMapped)
    let table = try NumericTable(bytes, columns: task.columns)
    func numbers(_ name: String) -> [Double] {
      guard case .numbers(let values) = table[name] else { return [] }
      return values
    }
    let columns = Self.predictors.map(numbers)
    design =
      columns.contains(where: \.isEmpty)
      ? nil : try DesignMatrix(columnNames: Self.predictors, columns: columns)
    outcomes = numbers("y").map { $0 == 1 }
    let names = (0...20).map { String($0) }
    sites = numbers("site").map { names[Int($0)] }
    times = numbers("time")
    events = numbers("status").map { $0 == 1 }
    groups = numbers("x6").map { Int($0) }
  }

  func predictors() throws -> DesignMatrix {
    guard let design else { throw CocoaError(.fileReadCorruptFile) }
    return design
  }

  /// The score Σ βx with the slopes that the outcome was drawn with.
  func score() throws -> [Double] {
    let design = try predictors()
    let slopes = [0.8, -0.5, 0.3, 0, 0.1, 1, -0.7, 0.4, 0, 0.2]
    var score = [Double](repeating: 0, count: design.rowCount)
    for (column, slope) in slopes.enumerated() where slope != 0 {
      let start = column * design.rowCount
      for row in score.indices { score[row] += slope * design.values[start + row] }
    }
    return score
  }
}
