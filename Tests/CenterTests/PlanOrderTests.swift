// SPDX-License-Identifier: Apache-2.0

import Center
import Foundation
import GRDB
import Registry
import Testing

/// A cut is analysed only under a plan that was registered before it.
@Suite struct PlanOrderTests {
  private func cut() throws -> (centre: TestCenter, cut: DataCut) {
    let centre = try TestCenter()
    var device = try centre.device(of: "HILL")
    _ = try centre.push([device.seal()], by: device)
    return (centre, try centre.center.makeCut(study: centre.study, now: TestCenter.now))
  }

  private func edit(_ centre: TestCenter, _ sql: String, _ arguments: StatementArguments) throws {
    let queue = try DatabaseQueue(path: centre.path)
    try queue.write { try $0.execute(sql: sql, arguments: arguments) }
  }

  @Test func `a plan that is registered later does not change what a cut is analysed under`() throws
  {
    let (centre, cut) = try cut()
    _ = try centre.center.addPlan(Data("another".utf8), now: TestCenter.now + 9)
    #expect(try centre.center.plan(of: cut.id) == Data(centre.study.planBytes))
  }

  @Test func `a cut that was given a later plan is not analysed`() throws {
    let (centre, cut) = try cut()
    _ = try centre.center.addPlan(Data("another".utf8), now: TestCenter.now)
    try edit(
      centre,
      "UPDATE data_cuts SET plan_sha256 = (SELECT sha256 FROM analysis_plans WHERE content = ?)",
      [Data("another".utf8)]
    )
    #expect(throws: CenterError.planNotBeforeCut(cut.id)) { try centre.center.plan(of: cut.id) }
  }

  @Test func `a plan that was registered again is still the plan of an earlier cut`() throws {
    let (centre, cut) = try cut()
    _ = try centre.center.addPlan(Data("another".utf8), now: TestCenter.now + 1)
    _ = try centre.center.addPlan(Data(centre.study.planBytes), now: TestCenter.now + 2)
    #expect(try centre.center.plan(of: cut.id) == Data(centre.study.planBytes))
  }

  @Test func `an earlier plan that was in force no more is not the plan of a later cut`() throws {
    let (centre, _) = try cut()
    _ = try centre.center.addPlan(Data("another".utf8), now: TestCenter.now + 1)
    let later = try centre.center.makeCut(study: centre.study, now: TestCenter.now + 2)
    try edit(
      centre,
      "UPDATE data_cuts SET plan_sha256 = (SELECT plan_sha256 FROM data_cuts WHERE id = '1')",
      []
    )
    #expect(throws: CenterError.planNotBeforeCut(later.id)) {
      try centre.center.plan(of: later.id)
    }
  }
}
