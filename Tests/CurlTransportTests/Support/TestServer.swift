// SPDX-License-Identifier: Apache-2.0

import Foundation

/// An HTTPS server on loopback with a certificate of its own authority, started once.
///
/// It ends when these tests end, because its standard input closes.
final class TestServer: Sendable {
  /// Why the server could not be started.
  enum Failure: Error {
    case command(String, status: Int32)
    case noPorts(String)
  }

  static let shared = Result { try TestServer() }

  let port: Int
  /// A proxy that asks for a password.
  let refusingProxyPort: Int
  /// A proxy that leads to the server, whatever address is asked for.
  let tunnelPort: Int
  /// The authority that signed the server's certificate.
  let authorityFile: String
  /// An authority that signed nothing here.
  let strangerFile: String

  private init() throws {
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "lobule-curl-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try TestServer.makeCertificates(in: folder)
    authorityFile = folder.appending(path: "ca.pem").path
    strangerFile = folder.appending(path: "stranger.pem").path

    let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "server.py")
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["python3", script.path, folder.path]
    process.standardInput = TestServer.lifeline
    process.standardOutput = output
    try process.run()
    var line = ""
    while !line.hasSuffix("\n") {
      let more = output.fileHandleForReading.availableData
      guard !more.isEmpty else { throw Failure.noPorts(line) }
      line += String(decoding: more, as: UTF8.self)
    }
    let ports = line.split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
    guard ports.count == 3 else { throw Failure.noPorts(line) }
    port = ports[0]
    refusingProxyPort = ports[1]
    tunnelPort = ports[2]
  }

  /// Its writing end stays open as long as the tests run.
  private static let lifeline = Pipe()

  private static func makeCertificates(in folder: URL) throws {
    let script = """
      set -e
      cd "$1"
      for name in ca stranger; do
        openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 \
          -subj "/CN=$name" -keyout $name.key -out $name.pem
      done
      openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=center.example \
        -keyout server.key -out server.csr
      printf 'subjectAltName=IP:127.0.0.1' > names
      openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 \
        -extfile names -out server.pem
      """
    let process = Process()
    process.executableURL = URL(filePath: "/bin/sh")
    process.arguments = ["-c", script, "sh", folder.path]
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw Failure.command("openssl", status: process.terminationStatus)
    }
  }
}
