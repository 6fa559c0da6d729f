// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

/// Ends whose records differ although they hold the same changes, through the real programs.
@Suite struct DigestTests {
  /// Changes a database behind the programs' back.
  private func tamper(_ path: String, _ statements: String) throws {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [
      "python3", "-c",
      """
      import sqlite3, sys
      store = sqlite3.connect(sys.argv[1])
      store.executescript(sys.argv[2])
      store.close()
      """, path, statements,
    ]
    try process.run()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0)
  }

  private static let loseHeads = """
    DELETE FROM head_row; UPDATE log_scope SET digest = zeroblob(4096);
    """

  private func synced() throws -> (centre: CentreProcess, device: Device) {
    let centre = try CentreProcess()
    let device = try centre.device(of: "HILL")
    #expect(try device.run(["import", Fixtures.path("hill")]).status == 0)
    try device.sync()
    return (centre, device)
  }

  @Test func `heads that drifted at the hospital are made anew`() throws {
    let (centre, device) = try synced()
    try tamper("\(device.store)/store.sqlite", Self.loseHeads)
    #expect(try device.sync().flag("rebuilt"))
    #expect(try device.run(["show", "-"], input: "HIL000001").status == 0)
    withExtendedLifetime(centre) {}
  }

  @Test func `heads that drifted at the centre are made anew when buckets are asked for`() throws {
    let (centre, device) = try synced()
    let cut = try centre.run(["cut"]).text("sha256")
    centre.stop()
    try tamper("\(centre.data)/center.sqlite", Self.loseHeads)
    try centre.start()
    let mended = try device.sync()
    #expect(try mended.integer("requests") > 1)
    #expect(try centre.run(["audit", "list"]).output.contains("heads_rebuilt"))
    #expect(try centre.run(["cut"]).text("sha256") == cut)
    #expect(try device.sync().integer("requests") == 1)
  }

  @Test func `records that stay different are named by bucket, event and field`() throws {
    let (centre, device) = try synced()
    for value in ["1.61", "1.70"] {
      let saved = try device.run(["set", "-"], input: "HIL000001 baseline lymphocytes=\(value)")
      #expect(saved.status == 0, "\(saved.errors)")
      try device.sync()
    }
    // The log here has the bytes of another batch at one place: it cannot mend its heads.
    try tamper(
      "\(device.store)/store.sqlite",
      """
      UPDATE log_batch SET (bytes, size) =
        (SELECT bytes, size FROM log_batch WHERE first_sequence = 39) WHERE first_sequence = 40;
      \(Self.loseHeads)
      """
    )
    let told = try device.run(["sync"])
    #expect(told.status == 4)
    #expect(told.errors.contains("records differ"))
    #expect(told.errors.contains("baseline lymphocytes"))
    #expect(!told.errors.contains("HIL000001"))
    let difference = try #require(told.json()["differs_at"] as? [String: Any])
    #expect(difference["place"] as? String == "baseline lymphocytes")
    #expect(difference["address"] as? String != nil)
    withExtendedLifetime(centre) {}
  }
}
