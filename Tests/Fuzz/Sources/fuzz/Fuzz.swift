// SPDX-License-Identifier: Apache-2.0

import Foundation
import FuzzTargets

/// The parser under test, named by `LOBULE_FUZZ_TARGET`.
private let target: FuzzTarget = {
  let name = ProcessInfo.processInfo.environment["LOBULE_FUZZ_TARGET"] ?? ""
  guard let target = FuzzTarget(rawValue: name) else {
    let known = FuzzTarget.allCases.map(\.rawValue).joined(separator: ", ")
    FileHandle.standardError.write(Data("LOBULE_FUZZ_TARGET is none of \(known)\n".utf8))
    exit(2)
  }
  return target
}()

/// What libFuzzer calls with each input; a finding is a trap, which it writes to a file.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  do {
    try target.run(Data(bytes: start, count: count))
  } catch {
    preconditionFailure("\(error)")
  }
  return 0
}
