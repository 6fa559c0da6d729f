// SPDX-License-Identifier: Apache-2.0

public import Foundation
import Glibc

/// Whole writes to, and bounded reads from, the three standard streams.
public enum StandardStream {
  /// The most bytes that a command takes from standard input.
  public static let inputLimitBytes = 64 << 20

  /// Writes text to standard output, completely.
  public static func writeOutput(_ text: String) { write(Array(text.utf8), to: STDOUT_FILENO) }

  /// Writes text to standard error, completely.
  public static func writeError(_ text: String) { write(Array(text.utf8), to: STDERR_FILENO) }

  /// Reads standard input to its end.
  ///
  /// - Throws: `CommandFailure` when there is more than `inputLimitBytes`.
  public static func readInput() throws(CommandFailure) -> Data {
    var bytes = Data()
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = read(STDIN_FILENO, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return bytes }
      bytes.append(contentsOf: buffer[0..<count])
      guard bytes.count <= inputLimitBytes else {
        throw CommandFailure(
          .refused,
          what: "Standard input is larger than \(inputLimitBytes >> 20) MiB",
          todo: "Split the input"
        )
      }
    }
  }

  /// Reads the lines of standard input, without their ends; blank lines are left out.
  public static func readInputLines() throws(CommandFailure) -> [String] {
    String(decoding: try readInput(), as: UTF8.self)
      .split(whereSeparator: \.isNewline)
      .map { $0.trimmingCharacters(in: .whitespaces) }
      .filter { !$0.isEmpty }
  }

  /// Whether a person watches standard error, so that progress is worth printing.
  public static var errorIsTerminal: Bool { isatty(STDERR_FILENO) == 1 }

  /// Whether text on standard output may carry colour.
  public static var outputHasColor: Bool {
    isatty(STDOUT_FILENO) == 1 && getenv("NO_COLOR") == nil
  }

  private static func write(_ bytes: [UInt8], to descriptor: Int32) {
    var sent = 0
    bytes.withUnsafeBytes { buffer in
      while sent < buffer.count {
        let count = Glibc.write(
          descriptor,
          buffer.baseAddress?.advanced(by: sent),
          buffer.count - sent
        )
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { return }
        sent += count
      }
    }
  }
}
