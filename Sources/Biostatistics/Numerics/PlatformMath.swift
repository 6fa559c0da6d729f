// SPDX-License-Identifier: Apache-2.0

// The one place that calls the platform's mathematical library: the rest needs no Foundation.
// Names are qualified, because this module has functions of the same names.
#if canImport(Glibc)
  import Glibc

  extension Double {
    var exponential: Double { Glibc.exp(self) }
    var naturalLogarithm: Double { Glibc.log(self) }
    var logarithmOfOnePlus: Double { Glibc.log1p(self) }
    var arcSine: Double { Glibc.asin(self) }
  }
#else
  import Foundation

  extension Double {
    var exponential: Double { Foundation.exp(self) }
    var naturalLogarithm: Double { Foundation.log(self) }
    var logarithmOfOnePlus: Double { Foundation.log1p(self) }
    var arcSine: Double { Foundation.asin(self) }
  }
#endif
