// SPDX-License-Identifier: Apache-2.0
import Replication

/// Writes the values of one place after another as streams: their kinds, then each kind's numbers.
struct ValueColumns {
  let names: NameOrder
  /// The indexes of linked patients that are not written yet.
  var links: ArraySlice<Int64>
  var streams: NumberStreamWriter
  private(set) var exponents: [UInt8] = []

  init(names: NameOrder, links: ArraySlice<Int64>, streams: NumberStreamWriter) {
    self.names = names
    self.links = links
    self.streams = streams
  }

  /// Appends the values of one place, at least one.
  mutating func append(_ values: [Value]) {
    let exponent = DecimalScale.commonExponent(values)
    var kinds: [Int64] = []
    kinds.reserveCapacity(values.count)
    var numbers = [[Int64]](repeating: [], count: ValueKind.count)
    for value in values {
      let (kind, number) = column(value, exponent)
      kinds.append(Int64(kind.rawValue))
      if let number { numbers[Int(kind.rawValue)].append(number) }
    }
    streams.append(kinds)
    if let exponent, !numbers[Int(ValueKind.decimal.rawValue)].isEmpty {
      exponents.append(exponent)
    }
    for kind in numbers where !kind.isEmpty { streams.append(kind) }
  }

  private mutating func column(
    _ value: Value,
    _ exponent: UInt8?
  ) -> (kind: ValueKind, number: Int64?) {
    switch value {
    case .integer(let number): return (.integer, number)
    case .decimal(let number):
      if let exponent, let mantissa = DecimalScale.mantissa(of: number, exponent: exponent) {
        return (.decimal, mantissa)
      }
      return (.rawDecimal, Int64(bitPattern: number.bitPattern))
    case .code(let code): return (.code, Int64(names.number(named: code)))
    case .boolean(let isTrue): return (isTrue ? .isTrue : .isFalse, nil)
    case .day(let day): return (.day, Int64(day))
    case .patient: return (.patient, links.popFirst() ?? 0)
    case .missing(let reason): return (ValueKind(reason), nil)
    case .retracted: return (.retracted, nil)
    case .erased: return (.erased, nil)
    }
  }
}
