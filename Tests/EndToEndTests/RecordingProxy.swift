// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

/// A TLS-inspecting proxy that records in plain all that passes, and its certificate authority.
final class RecordingProxy {
  let folder: ScratchFolder
  private let process: Process
  let address: String

  /// The proxy's certificate, which a device must be told to trust.
  var certificate: String { folder.path("proxy.pem") }
  /// The folder of what passed.
  var records: String { folder.path("records") }

  init() throws {
    folder = try ScratchFolder()
    try Tool.run(
      "openssl",
      [
        "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days",
        "2", "-subj", "/CN=inspecting proxy", "-addext",
        "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", folder.path("proxy.key"), "-out",
        folder.path("proxy.pem"),
      ]
    )
    let script = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "Support/recording_proxy.py")
    process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [
      "python3", script.path, folder.path("proxy.pem"), folder.path("proxy.key"),
      folder.path("records"),
    ]
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    var line = Data()
    while line.last != 10, let next = try pipe.fileHandleForReading.read(upToCount: 1),
      !next.isEmpty
    {
      line += next
    }
    let port = try #require(Int(String(decoding: line.dropLast(), as: UTF8.self)))
    address = "http://127.0.0.1:\(port)"
  }

  /// SIGKILL: a child of a dispatch thread is born with SIGTERM blocked.
  deinit { kill(process.processIdentifier, SIGKILL) }

  /// The recorded bodies of one kind, in order.
  func bodies(_ kind: String) throws -> [Data] {
    try FileManager.default.contentsOfDirectory(atPath: records).sorted()
      .filter { $0.hasSuffix("-\(kind).body") }
      .map { try Data(contentsOf: URL(filePath: "\(records)/\($0)")) }
  }
}

/// Other programs that the tests use.
enum Tool {
  /// Runs a tool and returns its output; its exit status must be one of those expected.
  @discardableResult
  static func run(_ name: String, _ arguments: [String], expecting: [Int32] = [0]) throws -> String
  {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [name] + arguments
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let text = String(
      decoding: try output.fileHandleForReading.readToEnd() ?? Data(),
      as: UTF8.self
    )
    process.waitUntilExit()
    try #require(expecting.contains(process.terminationStatus), "\(name) \(arguments) failed")
    return text
  }
}
