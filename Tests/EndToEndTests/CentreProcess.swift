// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

/// A coordinating centre in a folder of its own, served on a loopback port by the real program.
final class CentreProcess {
  let folder: ScratchFolder
  private(set) var url = ""
  private var process: Process?
  private let flags: [String]

  var data: String { folder.path("centre") }
  var certificateAuthority: String { folder.path("centre/ca.pem") }

  /// Sets a centre up and serves it with these flags.
  init(serving flags: [String] = []) throws {
    folder = try ScratchFolder()
    self.flags = flags
    let made = try Program.center.run(["init", "--name", "Test centre", "--data", data, "--json"])
    try #require(made.status == 0, "centre init: \(made.errors)")
    try start(listen: "127.0.0.1:0")
  }

  deinit { stop(killing: true) }

  /// Serves until `stop`; the port of the first start is kept.
  func start(listen: String? = nil) throws {
    let log = folder.path("serve-\(UUID().uuidString).log")
    let address = listen ?? String(url.dropFirst("https://".count))
    process = try Program.center.start(
      ["serve", "--listen", address, "--data", data] + flags,
      output: log,
      errors: log + ".err"
    )
    let deadline = ContinuousClock.now + .seconds(30)
    while ContinuousClock.now < deadline, process?.isRunning == true {
      let text = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
      if let match = text.firstMatch(of: /https:\/\/[0-9A-Za-z.:\-]+/) {
        url = String(match.output)
        return
      }
      usleep(20_000)
    }
    let errors = (try? String(contentsOfFile: log + ".err", encoding: .utf8)) ?? ""
    throw CentreFailure(reason: "the centre printed no address: \(errors)")
  }

  /// Ends the service, gently or by SIGKILL.
  func stop(killing: Bool = false) {
    guard let process else { return }
    kill(process.processIdentifier, killing ? SIGKILL : SIGTERM)
    process.waitUntilExit()
    self.process = nil
  }

  /// Stops the service at once and takes its store away, as a broken disk does.
  func loseStore() throws {
    stop(killing: true)
    for suffix in ["", "-wal", "-shm"] {
      let path = "\(data)/center.sqlite\(suffix)"
      if FileManager.default.fileExists(atPath: path) {
        try FileManager.default.removeItem(atPath: path)
      }
    }
  }

  /// One command of the centre's program.
  func run(_ arguments: [String]) throws -> Outcome {
    try Program.center.run(arguments + ["--data", data, "--json"])
  }

  /// A one-time enrolment code for the site.
  func code(for site: String) throws -> String {
    let added = try run(["site", "add", site, "--name", "\(site) hospital"])
    try #require(added.status == 0, "site add: \(added.errors)")
    return try added.text("enrollment_code")
  }

  /// A device of the site, with a store, enrolled here.
  func device(of site: String) throws -> Device {
    let device = try Device(site: site)
    let enrolled = try device.enroll(at: self, code: code(for: site))
    try #require(enrolled.status == 0, "enroll: \(enrolled.errors)")
    return device
  }
}

struct CentreFailure: Error { let reason: String }

/// One device of a hospital, driven through the real program.
struct Device {
  let folder: ScratchFolder
  var store: String { folder.path("store") }

  init(site: String) throws {
    folder = try ScratchFolder()
    let made = try run(["init", "--site", site])
    try #require(made.status == 0, "init: \(made.errors)")
  }

  /// Another machine with a copy of a device's files.
  init(copying device: Device) throws {
    folder = try ScratchFolder()
    for name in try FileManager.default.contentsOfDirectory(atPath: device.folder.url.path) {
      try FileManager.default.copyItem(
        atPath: device.folder.path(name),
        toPath: folder.path(name)
      )
    }
  }

  /// Takes the store away, as a broken disk does.
  func loseStore() throws { try FileManager.default.removeItem(atPath: store) }

  func run(_ arguments: [String], input: String = "") throws -> Outcome {
    try Program.lobule.run(arguments + ["--store", store, "--json"], input: input)
  }

  func enroll(at centre: CentreProcess, code: String) throws -> Outcome {
    try run(
      ["enroll", "--server", centre.url, "--ca", centre.certificateAuthority, "--code", "-"],
      input: code
    )
  }

  func changesets() throws -> Int { try run(["status"]).integer("changesets") }

  /// Syncs and expects it to end with equal digests.
  @discardableResult
  func sync() throws -> Outcome {
    let outcome = try run(["sync"])
    #expect(outcome.status == 0, "sync: \(outcome.errors)")
    if outcome.status == 0 { #expect(try outcome.flag("digest_equal")) }
    return outcome
  }

  /// Gives another device of the hospital the identities, by an encrypted file.
  func shareVault(with other: Device) throws {
    let file = folder.path("hospital.vault")
    let written = try run(["vault", "write", file])
    try #require(written.status == 0, "\(written.errors)")
    let key = try written.text("transfer_key")
    let read = try other.run(["vault", "read", file, "--key", "-"], input: key)
    try #require(read.status == 0, "\(read.errors)")
  }
}
