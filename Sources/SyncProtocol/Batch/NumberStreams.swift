// SPDX-License-Identifier: Apache-2.0
import Foundation

/// Numbers as byte planes: what varies little compresses well beside what is noise.
struct NumberStreamWriter {
  private(set) var bases: [Int64] = []
  private(set) var widths: [UInt8] = []
  private(set) var planes: [Data] = []

  /// Appends one stream of at least one number.
  mutating func append(_ numbers: [Int64]) {
    let base = numbers.min() ?? 0
    let greatest = UInt64(bitPattern: (numbers.max() ?? 0) &- base)
    let width = (64 - greatest.leadingZeroBitCount + 7) / 8
    bases.append(base)
    widths.append(UInt8(width))
    for plane in 0..<width {
      let shift = UInt64(8 * plane)
      let bytes = [UInt8](unsafeUninitializedCapacity: numbers.count) { buffer, count in
        for (index, number) in numbers.enumerated() {
          let offset = UInt64(bitPattern: number &- base)
          buffer.initializeElement(at: index, to: UInt8(truncatingIfNeeded: offset >> shift))
        }
        count = numbers.count
      }
      planes.append(Data(bytes))
    }
  }
}

/// Reads streams in the order in which they were written, and only in their one form.
struct NumberStreamReader {
  private let bases: [Int64]
  private let widths: [UInt8]
  private let planes: [Data]
  private var nextStream = 0
  private var nextPlane = 0

  init(_ columns: WireBatchColumns) throws(FormFaultError) {
    bases = columns.bases
    widths = [UInt8](columns.widths)
    planes = columns.planes
    guard bases.count == widths.count else { throw FormFaultError(.counts) }
  }

  /// Says whether everything was read.
  var isAtEnd: Bool { nextStream == bases.count && nextPlane == planes.count }

  /// Reads one stream of so many numbers, at least one.
  mutating func next(_ count: Int) throws(FormFaultError) -> [Int64] {
    guard nextStream < bases.count, count > 0 else { throw FormFaultError(.counts) }
    let base = bases[nextStream]
    let width = Int(widths[nextStream])
    nextStream += 1
    guard width <= 8, nextPlane + width <= planes.count else { throw FormFaultError(.counts) }
    if width == 0 { return [Int64](repeating: base, count: count) }
    var offsets = [UInt64](repeating: 0, count: count)
    for plane in 0..<width {
      let data = planes[nextPlane + plane]
      guard data.count == count else { throw FormFaultError(.counts) }
      let shift = UInt64(8 * plane)
      data.withUnsafeBytes { bytes in
        for index in 0..<count { offsets[index] |= UInt64(bytes[index]) << shift }
      }
    }
    nextPlane += width
    return try numbers(base, offsets, width)
  }

  private func numbers(
    _ base: Int64,
    _ offsets: [UInt64],
    _ width: Int
  ) throws(FormFaultError) -> [Int64] {
    var least = UInt64.max
    var greatest: UInt64 = 0
    for offset in offsets {
      least = min(least, offset)
      greatest = max(greatest, offset)
    }
    let isNarrowest = greatest >> UInt64(8 * (width - 1)) != 0
    let last = base &+ Int64(bitPattern: greatest)
    guard least == 0, isNarrowest, last > base else { throw FormFaultError(.number) }
    return offsets.map { base &+ Int64(bitPattern: $0) }
  }
}
