// SPDX-License-Identifier: Apache-2.0
import Foundation
import SyncProtocol
import Testing

/// No byte that leaves a hospital, and no file of the centre, has an identity or a calendar date.
@Suite struct LeakTests {
  static let hospitals = ["han", "north", "coast", "river", "hill"]

  @Test func `all five hospitals send and the centre holds no identity and no date`() throws {
    let centre = try CentreProcess()
    let proxy = try RecordingProxy()
    for name in Self.hospitals {
      let device = try Device(site: name.uppercased())
      let enrolled = try device.run(
        [
          "enroll", "--server", centre.url, "--ca", proxy.certificate, "--proxy", proxy.address,
          "--code", "-",
        ],
        input: centre.code(for: name.uppercased())
      )
      try #require(enrolled.status == 0, "\(enrolled.errors)")
      let imported = try device.run(["import", Fixtures.path(name)])
      try #require(imported.status == 0, "\(imported.errors)")
      let synced = try device.run(["sync", "--proxy", proxy.address])
      #expect(synced.status == 0, "\(synced.errors)")
      #expect(try synced.flag("digest_equal"))
    }
    let needles = try centre.folder.file("needles", Self.needles().joined(separator: "\n"))
    let meaning = try Self.meaning(of: proxy)
    #expect(meaning.count > 100_000, "the recording did not catch the batches")
    _ = try proxy.folder.file("records/meaning.txt", meaning)

    for place in [proxy.records, centre.folder.url.path] {
      let found = try Tool.run(
        "grep",
        ["-rlaFf", needles, "--exclude=needles", place],
        expecting: [0, 1]
      )
      #expect(found.isEmpty, "identities or dates in \(found)")
    }
  }

  @Test func `the search would find a record number and a date`() throws {
    let scratch = try ScratchFolder()
    let needles = try scratch.file("needles", Self.needles().joined(separator: "\n"))
    for planted in ["..HAN000078..", "..Practice RIV 0210..", "..2021-11-27.."] {
      let place = try scratch.file("planted", planted)
      let found = try Tool.run("grep", ["-laFf", needles, place])
      #expect(!found.isEmpty)
    }
  }

  /// Record numbers, names and every calendar date of every row of every file.
  private static func needles() throws -> Set<String> {
    var needles: Set<String> = []
    for name in hospitals {
      for line in try Fixtures.text(name).split(separator: "\n").dropFirst() {
        let cells = line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        needles.formUnion(cells.prefix(2))
        needles.formUnion(cells.filter { $0.wholeMatch(of: /\d{4}-\d{2}-\d{2}/) != nil })
      }
    }
    return needles
  }

  /// What the recorded batches say, decompressed and spelled out.
  private static func meaning(of proxy: RecordingProxy) throws -> String {
    var text = ""
    for body in try proxy.bodies("request") {
      guard let request = try? SyncRequest(decoding: body) else { continue }
      for bytes in request.batches { text += "\(try ReceivedBatch.decode(bytes).batch)\n" }
    }
    return text
  }
}
