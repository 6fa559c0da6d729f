// SPDX-License-Identifier: Apache-2.0
#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

// The one place that calls the platform's mathematical library: the rest needs no Foundation.
extension Double {
  var exponential: Double { exp(self) }
  var naturalLogarithm: Double { log(self) }
  var logarithmOfOnePlus: Double { log1p(self) }
}
