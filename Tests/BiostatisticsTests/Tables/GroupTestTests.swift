// SPDX-License-Identifier: Apache-2.0
import Biostatistics
import Testing

struct GroupTestTests {
  @Test func `Kruskal–Wallis agrees with R`() throws {
    let expected = try Oracle.expected("kruskal")
    let table = try Oracle.table("aSAH")
    let groups = try table.numbers("wfns")
    for (column, reference) in [("s100b", expected), ("age", try expected["age_by_wfns"])] {
      let values = try table.numbers(column)
      let members = Dictionary(grouping: values.indices) { groups[$0] }
      let test = try KruskalWallis.test(members.values.map { rows in rows.map { values[$0] } })
      expectClose([test.statistic, test.p], try reference.numbers(["chisq", "p"]), within: 1e-10)
    }
  }

  @Test func `chi-square agrees with R`() throws {
    for key in ["sex_by_response", "regimen_by_response", "zero_cell"] {
      let expected = try Oracle.expected("chisq_fisher")[key]
      let table = try expected["table"]["values"]["values"].list.map {
        try $0.numbers.map { Int($0) }
      }
      let result = try ChiSquareTest.independence(table)
      expectClose(
        [result.test.statistic, result.test.p],
        try expected.numbers(["chisq", "p"]),
        within: 1e-10
      )
      if let corrected = result.corrected {
        expectClose(
          [corrected.statistic, corrected.p],
          try expected.numbers(["chisq_yates", "p_yates"]),
          within: 1e-10
        )
      }
    }
  }

  @Test func `an empty column is refused`() {
    #expect(throws: BiostatisticsError.zeroCell("column total")) {
      try ChiSquareTest.independence([[1, 0], [2, 0]])
    }
  }
}
