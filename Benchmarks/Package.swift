// swift-tools-version: 6.3
import PackageDescription

let package = Package(
  name: "lobule-benchmarks",
  dependencies: [
    .package(name: "lobule", path: ".."),
    .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
    .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
  ],
  targets: [
    .executableTarget(
      name: "sync-benchmark",
      dependencies: [
        .product(name: "SiteReplica", package: "lobule"),
        .product(name: "SyncProtocol", package: "lobule"),
        .product(name: "RegistryDatabase", package: "lobule"),
        .product(name: "Replication", package: "lobule"),
        .product(name: "Registry", package: "lobule"),
        .product(name: "Deidentification", package: "lobule"),
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "GRDB", package: "GRDB.swift"),
      ]
    ),
    .executableTarget(
      name: "statistics-benchmark",
      dependencies: [
        .product(name: "Biostatistics", package: "lobule"),
        .product(name: "Registry", package: "lobule"),
      ]
    ),
  ]
)
