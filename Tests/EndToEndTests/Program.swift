// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

/// What one run of a program printed, and how it ended.
struct Outcome {
  let status: Int32
  let output: String
  let errors: String

  /// The one JSON document that `--json` prints.
  func json() throws -> [String: Any] {
    let object = try JSONSerialization.jsonObject(with: Data(output.utf8))
    return try #require(object as? [String: Any], "not one JSON object: \(output.prefix(300))")
  }

  func integer(_ key: String) throws -> Int { try #require(json()[key] as? Int, "no \(key)") }
  func text(_ key: String) throws -> String { try #require(json()[key] as? String, "no \(key)") }
  func flag(_ key: String) throws -> Bool { try #require(json()[key] as? Bool, "no \(key)") }
}

/// The two programs, as built beside this test bundle.
enum Program: String {
  case lobule
  case center = "lobule-center"

  var url: URL { Self.buildFolder.appending(path: rawValue) }

  /// The folder that the programs and the test bundle were built to.
  private static let buildFolder: URL = {
    let bundle = CommandLine.arguments.first { $0.contains(".xctest") } ?? CommandLine.arguments[0]
    return URL(filePath: bundle).resolvingSymlinksInPath().deletingLastPathComponent()
  }()

  /// Runs the program to its end.
  ///
  /// Both streams go through files: a pipe that fills up would stop the program.
  func run(
    _ arguments: [String],
    input: String = "",
    environment: [String: String] = [:]
  ) throws
    -> Outcome
  {
    let scratch = try ScratchFolder()
    let process = try start(
      arguments,
      input: input,
      environment: environment,
      output: scratch.path("out"),
      errors: scratch.path("err")
    )
    process.waitUntilExit()
    return Outcome(
      status: process.terminationStatus,
      output: try String(contentsOfFile: scratch.path("out"), encoding: .utf8),
      errors: try String(contentsOfFile: scratch.path("err"), encoding: .utf8)
    )
  }

  /// Starts the program and returns at once.
  func start(
    _ arguments: [String],
    input: String = "",
    environment: [String: String] = [:],
    output: String,
    errors: String
  ) throws -> Process {
    let process = Process()
    process.executableURL = url
    process.arguments = arguments
    var merged = ProcessInfo.processInfo.environment
    for name in ["LOBULE_STORE", "LOBULE_DATA", "https_proxy", "HTTPS_PROXY"] { merged[name] = nil }
    process.environment = merged.merging(environment) { $1 }
    process.standardOutput = try Self.file(output)
    process.standardError = try Self.file(errors)
    let pipe = Pipe()
    process.standardInput = pipe
    try process.run()
    if !input.isEmpty { try pipe.fileHandleForWriting.write(contentsOf: Data(input.utf8)) }
    try pipe.fileHandleForWriting.close()
    return process
  }

  private static func file(_ path: String) throws -> FileHandle {
    try Data().write(to: URL(filePath: path))
    return try FileHandle(forWritingTo: URL(filePath: path))
  }
}

/// A temporary folder that goes away with its last reference.
final class ScratchFolder: Sendable {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.appending(path: "lobule-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  func path(_ name: String) -> String { url.appending(path: name).path }

  /// Writes a file into the folder and returns its path.
  func file(_ name: String, _ text: String) throws -> String {
    try Data(text.utf8).write(to: url.appending(path: name))
    return path(name)
  }
}

/// The practice hospitals' files.
enum Fixtures {
  static let hospitals = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Fixtures/Hospitals")

  static func path(_ name: String) -> String { hospitals.appending(path: "\(name).csv").path }

  static func text(_ name: String) throws -> String {
    try String(contentsOf: hospitals.appending(path: "\(name).csv"), encoding: .utf8)
  }
}
