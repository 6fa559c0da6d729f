// SPDX-License-Identifier: Apache-2.0

public import Foundation

/// One JSON document on standard output: sorted snake_case keys, shortest round-trip numbers.
public enum JSONOutput {
  /// Encodes a value as one line of JSON.
  ///
  /// Property names in camelCase leave as snake_case; keys of dictionaries are left as they are.
  /// A number that is not finite cannot be written and is refused.
  ///
  /// - Throws: `CommandFailure` when the value cannot be written as JSON.
  public static func encode(_ value: some Encodable) throws(CommandFailure) -> Data {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do {
      return try encoder.encode(value)
    } catch {
      throw CommandFailure(.failed, what: "The result cannot be written as JSON")
    }
  }

  /// Writes a value as the one JSON document of this command.
  public static func print(_ value: some Encodable) throws(CommandFailure) {
    StandardStream.writeOutput(String(decoding: try encode(value), as: UTF8.self) + "\n")
  }
}
