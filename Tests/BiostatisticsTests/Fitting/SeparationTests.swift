// SPDX-License-Identifier: Apache-2.0
import Biostatistics
import Testing

struct SeparationTests {
  @Test(arguments: [
    ("separation_toy_complete", "sep_toy_complete", ["x1", "x2"], "y"),
    ("separation_toy_quasi_binary", "sep_toy_quasi_binary", ["t2", "nlr"], "y"),
    ("separation_sex2_none", "sex2", Columns.sex2, "case"),
    ("separation_birthwt_none", "birthwt", Columns.birthwt, "low"),
  ])
  func `agrees with the linear programme of Konis`(
    name: String,
    data: String,
    columns: [String],
    outcome: String
  ) throws {
    let expected = try Oracle.expected(name)
    let table = try Oracle.table(data)
    let separation = try Separation.detect(
      table.design(columns),
      outcomes: table.flags(outcome)
    )
    #expect((separation.kind != .none) == (try expected["separated"].number == 1))
    #expect((separation.kind == .complete) == (try expected["complete"].number == 1))
    #expect(separation.separatedCount == Int(try expected["n_strictly_separated"].number))
    let spelled: [Separation.Direction: String] = [
      .finite: "finite", .positiveInfinity: "+Inf", .negativeInfinity: "-Inf",
    ]
    for (term, direction) in zip(separation.terms, separation.directions) {
      #expect(spelled[direction] == (try expected["direction"][term].text))
    }
  }

  @Test func `a combination of columns can separate where none does alone`() throws {
    let first: [Double] = [0, 1, 2, 3, 0, 1, 2, 3]
    let second: [Double] = [1, 2, 3, 4, 0, 1, 2, 3]
    let design = try DesignMatrix(columnNames: ["a", "b"], columns: [first, second])
    let outcomes = zip(first, second).map { $1 > $0 }
    let separation = try Separation.detect(design, outcomes: outcomes)
    #expect(separation.kind == .complete)
    #expect(separation.columns == ["a", "b"])
  }

  @Test func `a term the optimum leaves at 0 can be infinite too`() throws {
    // Patients with t2 and without nlr all had the event, so nlr runs to minus infinity
    // although the programme's optimum calls it finite.
    let table = try Oracle.table("sep_toy_quasi_binary")
    let separation = try Separation.detect(
      table.design(["t2", "nlr"]),
      outcomes: table.flags("y")
    )
    #expect(separation.columns == ["t2", "nlr"])
  }

  /// One threshold on one column is decided by sorting.
  @Test func `one column agrees with its sorted twin`() throws {
    for seed in UInt64(1)...200 {
      var generator = SeededGenerator(seed: seed)
      let values = (0..<7).map { _ in Double(Int.random(in: 0...5, using: &generator)) }
      let outcomes = (0..<7).map { _ in Bool.random(using: &generator) }
      guard outcomes.contains(true), outcomes.contains(false), Set(values).count > 1 else {
        continue
      }
      let cases = zip(values, outcomes).filter(\.1).map(\.0)
      let controls = zip(values, outcomes).filter { !$0.1 }.map(\.0)
      let twin = Self.kind(cases, controls)
      let design = try DesignMatrix(columnNames: ["x"], columns: [values])
      let found = try Separation.detect(design, outcomes: outcomes).kind
      #expect(found == twin, "seed \(seed)")
    }
  }

  private static func kind(_ cases: [Double], _ controls: [Double]) -> Separation.Kind {
    let (lowCase, highCase) = (cases.min() ?? 0, cases.max() ?? 0)
    let (lowControl, highControl) = (controls.min() ?? 0, controls.max() ?? 0)
    if lowCase > highControl || highCase < lowControl { return .complete }
    if lowCase >= highControl || highCase <= lowControl { return .quasiComplete }
    return .none
  }
}
