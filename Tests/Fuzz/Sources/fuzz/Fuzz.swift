// SPDX-License-Identifier: Apache-2.0

import Foundation
import FuzzTargets

/// Hands the parser that `LOBULE_FUZZ_TARGET` names to libFuzzer, whose options are the arguments.
@main
enum Fuzz {
  static let target: FuzzTarget = {
    let name = ProcessInfo.processInfo.environment["LOBULE_FUZZ_TARGET"] ?? ""
    guard let target = FuzzTarget(rawValue: name) else {
      let known = FuzzTarget.allCases.map(\.rawValue).joined(separator: ", ")
      FileHandle.standardError.write(Data("LOBULE_FUZZ_TARGET is none of \(known)\n".utf8))
      exit(2)
    }
    return target
  }()

  static func main() {
    var count = CommandLine.argc
    var words = CommandLine.unsafeArgv
    exit(
      runDriver(&count, &words) { start, count in
        do {
          try Fuzz.target.run(Data(bytes: start, count: count))
        } catch {
          // A trap is what libFuzzer keeps the input of.
          preconditionFailure("\(error)")
        }
        return 0
      }
    )
  }
}

/// libFuzzer's own main function, for programs that bring their own.
@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
  _ count: UnsafeMutablePointer<CInt>,
  _ words: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
  _ input: @convention(c) (UnsafePointer<UInt8>, Int) -> CInt
) -> CInt
