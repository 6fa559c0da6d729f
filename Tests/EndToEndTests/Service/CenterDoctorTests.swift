// SPDX-License-Identifier: Apache-2.0

import CenterService
import Foundation
import Registry
import Testing

@Suite struct CenterDoctorTests {
  @Test func `the doctor looks at the database and at the digest of the record`() throws {
    let scratch = try ScratchFolder()
    let folder = CenterFolder(path: scratch.path("centre"))
    let now = Int(time(nil))
    _ = try CenterSetUp(folder: folder, study: try Study.embedded(), now: now)
      .run(name: "Test centre", hosts: [])
    let checks = CenterDoctor(folder: folder, now: now).run()
    #expect(checks.filter { !$0.pass } == [])
    #expect(Set(checks.map(\.check)).isSuperset(of: ["database", "record", "audit"]))
  }

  @Test func `the doctor says that the file is broken`() throws {
    let scratch = try ScratchFolder()
    let folder = CenterFolder(path: scratch.path("centre"))
    let now = Int(time(nil))
    _ = try CenterSetUp(folder: folder, study: try Study.embedded(), now: now)
      .run(name: "Test centre", hosts: [])
    // The log holds the pages still: without it the file is the empty one of the first moment.
    try Data("no database".utf8).write(to: URL(filePath: folder.store))
    for end in ["-wal", "-shm"] { try? FileManager.default.removeItem(atPath: folder.store + end) }
    let failed = CenterDoctor(folder: folder, now: now).run().filter { !$0.pass }
    #expect(failed.map(\.check).contains("store"))
  }
}
