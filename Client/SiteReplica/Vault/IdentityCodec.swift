// SPDX-License-Identifier: Apache-2.0

import Foundation
import Registry
import Replication

/// Writes identity values as the bytes that the vault seals: one letter for the kind, then text.
enum IdentityCodec {
  static func encode(_ value: EnteredValue) -> Data {
    switch value {
    case .text(let text): Data(("t" + text).utf8)
    case .date(let date): Data(("d" + date.iso).utf8)
    case .code(let code): Data(("c" + code).utf8)
    case .integer(let number): Data("i\(number)".utf8)
    case .decimal(let number): Data("x\(String(number.bitPattern, radix: 16))".utf8)
    case .boolean(let flag): Data((flag ? "b1" : "b0").utf8)
    case .missing(let reason): Data(("m" + reason.rawValue).utf8)
    }
  }

  static func decode(_ bytes: Data) -> EnteredValue? {
    guard let text = String(data: bytes, encoding: .utf8), let kind = text.first else { return nil }
    let rest = String(text.dropFirst())
    switch kind {
    case "t": return .text(rest)
    case "d": return CalendarDate(iso: rest).map { .date($0) }
    case "c": return .code(rest)
    case "i": return Int64(rest).map { .integer($0) }
    case "x": return UInt64(rest, radix: 16).map { .decimal(Double(bitPattern: $0)) }
    case "b": return rest == "1" ? .boolean(true) : rest == "0" ? .boolean(false) : nil
    case "m": return MissingReason(rawValue: rest).map { .missing($0) }
    default: return nil
    }
  }
}
