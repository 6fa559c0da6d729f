// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

/// What other users of the machine, and a crash, can see of a program that holds patients' values.
@Suite struct ProcessPrivacyTests {
  /// A program that waits for more input, with a name among its arguments.
  private static func waiting<T>(
    _ program: Program,
    _ arguments: [String],
    _ body: (pid_t) throws -> T
  ) throws -> T {
    let scratch = try ScratchFolder()
    let process = Process()
    process.executableURL = program.url
    process.arguments = arguments
    let input = Pipe()
    process.standardInput = input
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    process.currentDirectoryURL = scratch.url
    try process.run()
    defer {
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
    }
    let pid = process.processIdentifier
    // Both programs set everything up before they read: a read from standard input tells.
    let deadline = ContinuousClock.now + .seconds(30)
    while try !Self.isReading(pid) {
      try #require(ContinuousClock.now < deadline, "the program did not read")
      usleep(5_000)
    }
    return try body(pid)
  }

  /// Whether one of its threads waits for standard input.
  private static func isReading(_ pid: pid_t) throws -> Bool {
    try FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/task").contains { thread in
      let call = try? text("task/\(thread)/syscall", of: pid)
      return call?.split(separator: " ").prefix(2) == ["0", "0x0"]
    }
  }

  private static func text(_ name: String, of pid: pid_t) throws -> String {
    String(decoding: try Data(contentsOf: URL(filePath: "/proc/\(pid)/\(name)")), as: UTF8.self)
  }

  private static let commands: [(Program, [String])] = [
    (.lobule, ["score", "--inputs", "-", "--store", "/nowhere/Li_Ming_1961"]),
    (
      .center,
      ["analyze", "--csv", "-", "--report", "/nowhere/Li_Ming_1961"]
    ),
  ]

  @Test(arguments: [0, 1])
  func `arguments are gone from the process list`(command: Int) throws {
    let (program, arguments) = Self.commands[command]
    try Self.waiting(program, arguments) { pid in
      let listed = try Self.text("cmdline", of: pid)
      #expect(listed.contains("lobule"))
      #expect(!listed.contains("Li_Ming"))
    }
  }

  @Test(arguments: [0, 1])
  func `no core file may be written, and one taken all the same is empty`(command: Int) throws {
    let (program, arguments) = Self.commands[command]
    try Self.waiting(program, arguments) { pid in
      let limits = try Self.text("limits", of: pid).split(separator: "\n")
      let line = try #require(limits.first { $0.hasPrefix("Max core file size") })
      #expect(line.split(separator: " ").dropFirst(4).prefix(2) == ["0", "0"])
      let filter = try Self.text("coredump_filter", of: pid)
      #expect(Int(filter.trimmingCharacters(in: .whitespacesAndNewlines), radix: 16) == 0)
    }
  }

  @Test(arguments: [0, 1])
  func `nothing catches a fatal signal to print the memory`(command: Int) throws {
    let (program, arguments) = Self.commands[command]
    try Self.waiting(program, arguments) { pid in
      let status = try Self.text("status", of: pid).split(separator: "\n")
      let line = try #require(status.first { $0.hasPrefix("SigCgt:") })
      let caught = try #require(UInt64(line.dropFirst(8), radix: 16))
      for number in [SIGQUIT, SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV] {
        #expect(caught >> UInt64(number - 1) & 1 == 0, "signal \(number) is caught")
      }
    }
  }

  @Test(arguments: [0, 1])
  func `whatever a program makes is closed to others by its mask`(command: Int) throws {
    let (program, arguments) = Self.commands[command]
    try Self.waiting(program, arguments) { pid in
      let status = try Self.text("status", of: pid).split(separator: "\n")
      #expect(status.contains("Umask:\t0077"))
    }
  }

  @Test func `files and folders are for their owner alone, whatever the mask was`() throws {
    let folder = try ScratchFolder()
    let store = folder.path("store")
    let made = try Tool.run(
      "sh",
      [
        "-c", "umask 000; exec \"$@\"", "sh", Program.lobule.url.path, "init", "--site", "HAN",
        "--store", store, "--json",
      ]
    )
    #expect(made.contains("recovery_key"))
    let exported = try Tool.run(
      "sh",
      [
        "-c", "umask 000; exec \"$@\"", "sh", Program.center.url.path, "init", "--name", "Centre",
        "--data", folder.path("centre"), "--json",
      ]
    )
    #expect(!exported.isEmpty)
    let open = try Tool.run("find", [folder.url.path, "-mindepth", "1", "-perm", "/077"])
      .split(separator: "\n").filter { !$0.hasSuffix("/ca.pem") }
    #expect(open.isEmpty, "other users may use \(open)")
  }
}
