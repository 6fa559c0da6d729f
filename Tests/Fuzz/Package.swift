// swift-tools-version: 6.3
// SPDX-License-Identifier: Apache-2.0
// SPDX-License-Identifier: Apache-2.0
import PackageDescription

let package = Package(
  name: "lobule-fuzz",
  dependencies: [.package(name: "lobule", path: "../..")],
  targets: [
    .executableTarget(
      name: "fuzz",
      dependencies: [.product(name: "FuzzTargets", package: "lobule")]
    )
  ]
)
