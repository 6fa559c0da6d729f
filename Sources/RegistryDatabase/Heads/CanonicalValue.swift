// SPDX-License-Identifier: Apache-2.0
import Replication

/// The one byte string of a value, in stored rows and in the state digest.
///
/// A kind byte, then: 0 integer and 1 decimal, eight big-endian bytes (two's complement, IEEE 754
/// bits); 2 code, its length in two bytes and its UTF-8; 3 false; 4 true; 5 day, four bytes;
/// 6 patient, 16 bytes; 7 not done; 8 not known; 9 not applicable; 10 retracted;
/// 11 erased.
enum CanonicalValue {
  static func append(_ value: Value, to bytes: inout [UInt8]) {
    switch value {
    case .integer(let number):
      bytes.append(0)
      append(UInt64(bitPattern: number), count: 8, to: &bytes)
    case .decimal(let number):
      bytes.append(1)
      append(number.bitPattern, count: 8, to: &bytes)
    case .code(let code):
      bytes.append(2)
      append(code, to: &bytes)
    case .boolean(let isTrue): bytes.append(isTrue ? 4 : 3)
    case .day(let day):
      bytes.append(5)
      append(UInt64(UInt32(bitPattern: day)), count: 4, to: &bytes)
    case .patient(let patient):
      bytes.append(6)
      patient.append(to: &bytes)
    case .missing(.notDone): bytes.append(7)
    case .missing(.notKnown): bytes.append(8)
    case .missing(.notApplicable): bytes.append(9)
    case .retracted: bytes.append(10)
    case .erased: bytes.append(11)
    }
  }

  /// Appends a text as its length in two big-endian bytes and its UTF-8.
  static func append(_ text: String, to bytes: inout [UInt8]) {
    append(UInt64(text.utf8.count), count: 2, to: &bytes)
    bytes.append(contentsOf: text.utf8)
  }

  /// Appends a number as so many big-endian bytes.
  static func append(_ number: UInt64, count: Int, to bytes: inout [UInt8]) {
    withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0.suffix(count)) }
  }

  static func read(_ reader: inout ByteReader) -> Value? {
    switch reader.byte() {
    case 0: reader.number(bytes: 8).map { .integer(Int64(bitPattern: $0)) }
    case 1: reader.number(bytes: 8).map { .decimal(Double(bitPattern: $0)) }
    case 2:
      reader.number(bytes: 2).flatMap { reader.bytes(Int($0)) }
        .map { .code(String(decoding: $0, as: UTF8.self)) }
    case 3: .boolean(false)
    case 4: .boolean(true)
    case 5:
      reader.number(bytes: 4).map { .day(Int32(bitPattern: UInt32(truncatingIfNeeded: $0))) }
    case 6: reader.bytes(16).flatMap(PatientID.init(bytes:)).map { .patient($0) }
    case 7: .missing(.notDone)
    case 8: .missing(.notKnown)
    case 9: .missing(.notApplicable)
    case 10: .retracted
    case 11: .erased
    default: nil
    }
  }
}
