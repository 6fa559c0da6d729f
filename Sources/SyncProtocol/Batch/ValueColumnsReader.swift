// SPDX-License-Identifier: Apache-2.0
import Replication

/// Reads the values of one place after another from their streams.
struct ValueColumnsReader {
  let names: [String]
  let exponents: [UInt8]
  private var nextExponent = 0

  init(names: [String], exponents: [UInt8]) {
    self.names = names
    self.exponents = exponents
  }

  /// Says whether every exponent was needed.
  var isAtEnd: Bool { nextExponent == exponents.count }

  /// Reads the values of a place, at least one.
  mutating func next(
    _ count: Int,
    from streams: inout NumberStreamReader,
    patients: inout PatientTable
  ) throws(FormFaultError) -> [Value] {
    let kinds = try streams.next(count)
    var counts = [Int](repeating: 0, count: ValueKind.count)
    for kind in kinds {
      guard kind >= 0, kind <= ValueKind.greatestNumber else { throw FormFaultError(.kind) }
      guard kind < counts.count else { throw FormFaultError(.laterKind) }
      counts[Int(kind)] += 1
    }
    var columns = [[Value]](repeating: [], count: ValueKind.count)
    for (number, count) in counts.enumerated() where count > 0 {
      guard let kind = ValueKind(rawValue: UInt8(number)) else { throw FormFaultError(.kind) }
      columns[number] = try column(kind, count, &streams, &patients)
    }
    if let first = kinds.first, counts[Int(first)] == count { return columns[Int(first)] }
    var taken = [Int](repeating: 0, count: ValueKind.count)
    return kinds.map { kind in
      defer { taken[Int(kind)] += 1 }
      return columns[Int(kind)][taken[Int(kind)]]
    }
  }

  private mutating func column(
    _ kind: ValueKind,
    _ count: Int,
    _ streams: inout NumberStreamReader,
    _ patients: inout PatientTable
  ) throws(FormFaultError) -> [Value] {
    switch kind {
    case .integer: return try streams.next(count).map(Value.integer)
    case .decimal: return try decimals(try streams.next(count))
    case .rawDecimal: return try rawDecimals(try streams.next(count))
    case .code: return try codes(try streams.next(count))
    case .day: return try days(try streams.next(count))
    case .patient:
      var links: [Value] = []
      for number in try streams.next(count) {
        links.append(.patient(try patients.patient(linkedAt: number)))
      }
      return links
    case .isFalse: return [Value](repeating: .boolean(false), count: count)
    case .isTrue: return [Value](repeating: .boolean(true), count: count)
    case .notDone: return [Value](repeating: .missing(.notDone), count: count)
    case .notKnown: return [Value](repeating: .missing(.notKnown), count: count)
    case .notApplicable: return [Value](repeating: .missing(.notApplicable), count: count)
    case .retracted: return [Value](repeating: .retracted, count: count)
    case .erased: return [Value](repeating: .erased, count: count)
    }
  }

  private mutating func decimals(_ mantissas: [Int64]) throws(FormFaultError) -> [Value] {
    guard nextExponent < exponents.count else { throw FormFaultError(.counts) }
    let exponent = exponents[nextExponent]
    nextExponent += 1
    var result: [Value] = []
    result.reserveCapacity(mantissas.count)
    for mantissa in mantissas {
      guard let number = DecimalScale.value(mantissa: mantissa, exponent: exponent) else {
        throw FormFaultError(.number)
      }
      result.append(.decimal(number))
    }
    return result
  }

  private func rawDecimals(_ bits: [Int64]) throws(FormFaultError) -> [Value] {
    var result: [Value] = []
    result.reserveCapacity(bits.count)
    for pattern in bits {
      let number = Double(bitPattern: UInt64(bitPattern: pattern))
      guard number.isFinite else { throw FormFaultError(.number) }
      result.append(.decimal(number))
    }
    return result
  }

  private func codes(_ numbers: [Int64]) throws(FormFaultError) -> [Value] {
    var result: [Value] = []
    result.reserveCapacity(numbers.count)
    for number in numbers {
      guard number > 0, number <= names.count else { throw FormFaultError(.index) }
      result.append(.code(names[Int(number) - 1]))
    }
    return result
  }

  private func days(_ numbers: [Int64]) throws(FormFaultError) -> [Value] {
    var result: [Value] = []
    result.reserveCapacity(numbers.count)
    for number in numbers {
      guard let day = Int32(exactly: number) else { throw FormFaultError(.number) }
      result.append(.day(day))
    }
    return result
  }
}
