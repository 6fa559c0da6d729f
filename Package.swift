// swift-tools-version: 6.3
import PackageDescription

let settings: [SwiftSetting] =
  [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("ImmutableWeakCaptures"),
    .enableUpcomingFeature("InferIsolatedConformances"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  ] + (Context.environment["LOBULE_STRICT"] == "1" ? [.treatAllWarnings(as: .error)] : [])

/// The commit that the programs name, given by the Makefile: letters, digits and hyphens alone.
let commit =
  Context.environment["LOBULE_COMMIT"].flatMap { text in
    !text.isEmpty && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }
      ? text : nil
  } ?? "unknown"

/// A library of ours, in one of the source folders.
func library(
  _ name: String,
  in folder: String = "Sources",
  _ dependencies: [Target.Dependency] = [],
  exclude: [String] = [],
  resources: [Resource] = []
) -> Target {
  .target(
    name: name,
    dependencies: dependencies,
    path: folder == "Migrations" ? folder : "\(folder)/\(name)",
    exclude: exclude,
    resources: resources,
    swiftSettings: settings
  )
}

/// A program of ours.
func program(_ name: String, in folder: String, _ dependencies: [Target.Dependency]) -> Target {
  .executableTarget(
    name: name,
    dependencies: dependencies,
    path: "\(folder)/\(name)",
    swiftSettings: settings
  )
}

/// The tests of one module, in `Tests/<module>Tests`; their fixtures are read from the source tree.
func tests(
  _ module: String,
  _ dependencies: [Target.Dependency] = [],
  exclude: [String] = []
) -> Target {
  .testTarget(
    name: "\(module)Tests",
    dependencies: [.byName(name: module)] + dependencies,
    path: "Tests/\(module)Tests",
    exclude: exclude,
    swiftSettings: settings
  )
}

let argumentParser = Target.Dependency.product(
  name: "ArgumentParser",
  package: "swift-argument-parser"
)
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let sqlite = Target.Dependency.product(name: "GRDBSQLite", package: "GRDB.swift")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let cryptoExtras = Target.Dependency.product(name: "CryptoExtras", package: "swift-crypto")
let protobuf = Target.Dependency.product(name: "SwiftProtobuf", package: "swift-protobuf")
let rawStructuredHeaders = Target.Dependency.product(
  name: "RawStructuredFieldValues",
  package: "swift-http-structured-headers"
)
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")

let package = Package(
  name: "lobule",
  products: [
    .executable(name: "lobule", targets: ["lobule"]),
    .executable(name: "lobule-center", targets: ["lobule-center"]),
    .library(name: "Biostatistics", targets: ["Biostatistics"]),
    .library(name: "Replication", targets: ["Replication"]),
    .library(name: "SiteReplica", targets: ["SiteReplica"]),
    .library(name: "SyncProtocol", targets: ["SyncProtocol"]),
    .library(name: "RegistryDatabase", targets: ["RegistryDatabase"]),
    .library(name: "Registry", targets: ["Registry"]),
    .library(name: "Deidentification", targets: ["Deidentification"]),
    .library(name: "FuzzTargets", targets: ["FuzzTargets"]),
  ],
  dependencies: [
    .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1"),
    .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-ssl", exact: "2.37.6"),
    .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
    .package(url: "https://github.com/apple/swift-certificates", exact: "1.21.1"),
    .package(url: "https://github.com/apple/swift-asn1", exact: "1.7.4"),
    .package(url: "https://github.com/apple/swift-http-structured-headers", exact: "1.7.0"),
    .package(url: "https://github.com/apple/swift-http-types", exact: "1.8.0"),
    .package(url: "https://github.com/apple/swift-protobuf", exact: "1.39.0"),
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
  ],
  targets: [
    // System libraries and shims: one importer each.
    .systemLibrary(
      name: "CZstd",
      path: "Sources/CZstd",
      pkgConfig: "libzstd",
      providers: [.apt(["libzstd-dev"])]
    ),
    .systemLibrary(
      name: "CCurlLibrary",
      path: "Client/CCurlLibrary",
      pkgConfig: "libcurl",
      providers: [.apt(["libcurl4-openssl-dev"])]
    ),
    .target(name: "CCurl", dependencies: ["CCurlLibrary"], path: "Client/CCurl"),
    .target(name: "CBoostMath", path: "Sources/CBoostMath"),
    .target(
      name: "CBuildInfo",
      path: "Sources/CBuildInfo",
      cSettings: [.define("LOBULE_COMMIT", to: "\"\(commit)\"")]
    ),

    // Rank 0: values, and what both programs' command lines share.
    library("Replication"),
    library("Biostatistics", ["CBoostMath"]),
    library("CommandSupport", ["CBuildInfo", argumentParser]),
    // Rank 1: the study and the model.
    library("Registry", ["Replication"], resources: [.embedInCode("Study")]),
    library("RiskModel"),
    // Rank 2: what may leave a site.
    library("Deidentification", ["Registry", "Replication"]),
    // Rank 3: bytes and tables.
    library(
      "SyncProtocol",
      [
        "Deidentification", "Replication", "RiskModel", "CZstd", crypto, protobuf,
        rawStructuredHeaders,
      ],
      exclude: ["Proto/lobule.proto"]
    ),
    library("Migrations", in: "Migrations", resources: [.embedInCode("SQL")]),
    library("RegistryDatabase", ["Replication", "Migrations", grdb, sqlite, crypto]),
    // Rank 4: the two sides.
    library(
      "SiteReplica",
      in: "Client",
      [
        "Replication", "Biostatistics", "Registry", "RiskModel", "Deidentification",
        "SyncProtocol", "RegistryDatabase", grdb, crypto, cryptoExtras,
      ]
    ),
    library("CurlTransport", in: "Client", ["SyncProtocol", "CCurl"]),
    library(
      "Center",
      in: "SyncServer",
      ["Replication", "Registry", "RiskModel", "SyncProtocol", "RegistryDatabase", grdb, crypto]
    ),
    library(
      "PooledAnalysis",
      in: "SyncServer",
      ["Biostatistics", "Replication", "Registry", "RiskModel", "SyncProtocol"],
      resources: [
        .embedInCode("Report/Words/report_zh.json"),
        .embedInCode("Report/Checklists/tripod_ai.json"),
        .embedInCode("Report/Checklists/tripod_cluster.json"),
        .embedInCode("Report/Checklists/probast_ai.json"),
      ]
    ),
    // Rank 5: the service.
    library(
      "CenterService",
      in: "SyncServer",
      [
        "Center", "PooledAnalysis", "RegistryDatabase", "SyncProtocol", "Registry", "RiskModel",
        "Replication", crypto, cryptoExtras, logging,
        .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "HummingbirdTLS", package: "hummingbird"),
        .product(name: "HummingbirdCore", package: "hummingbird"),
        .product(name: "HTTPTypes", package: "swift-http-types"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
        .product(name: "X509", package: "swift-certificates"),
        .product(name: "SwiftASN1", package: "swift-asn1"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        .product(name: "UnixSignals", package: "swift-service-lifecycle"),
      ]
    ),
    // Rank 6: the programs.
    program(
      "lobule",
      in: "Client",
      [
        "SiteReplica", "CurlTransport", "CommandSupport", "Registry", "RiskModel",
        "Replication", "SyncProtocol", "Deidentification", argumentParser, crypto,
      ]
    ),
    program(
      "lobule-center",
      in: "SyncServer",
      [
        "CenterService", "Center", "PooledAnalysis", "CommandSupport", "Registry",
        "RiskModel", "Replication", "SyncProtocol", "Biostatistics", argumentParser, crypto,
        logging,
      ]
    ),

    // What tests share, and the simulation: neither is part of a product.
    .target(
      name: "TestSupport",
      dependencies: ["Replication", grdb],
      path: "Tests/TestSupport",
      swiftSettings: settings
    ),
    .executableTarget(
      name: "simulate",
      dependencies: [
        "SiteReplica", "CenterService", "Center", "SyncProtocol", "RegistryDatabase", "Registry",
        "Replication", "RiskModel", "TestSupport", crypto, grdb,
      ],
      path: "Tests/Simulation",
      exclude: ["Mutants"],
      swiftSettings: settings
    ),
    // What signatures cost the service; not a product.
    .executableTarget(
      name: "throughput",
      dependencies: [
        "CenterService", "Center", "CurlTransport", "SyncProtocol", "Registry", "Replication",
        "Deidentification", "TestSupport", crypto, logging,
      ],
      path: "Tests/Throughput",
      swiftSettings: settings
    ),
    // The plan's gate against simulated registries; not a product.
    .executableTarget(
      name: "update-simulation",
      dependencies: ["PooledAnalysis", "Registry", "Biostatistics", "RiskModel", "TestSupport"],
      path: "Tests/UpdateSimulation",
      swiftSettings: settings
    ),

    tests("Replication", ["TestSupport"]),
    tests("Biostatistics"),
    tests("CommandSupport"),
    tests("Registry", ["Replication"]),
    tests("RiskModel"),
    tests("Deidentification", ["Registry", "Replication"]),
    tests(
      "SyncProtocol",
      ["Deidentification", "Registry", "Replication", "RiskModel", "TestSupport", crypto],
      exclude: ["Vectors"]
    ),
    tests("RegistryDatabase", ["Replication", "Migrations", "TestSupport", grdb, crypto]),
    tests(
      "SiteReplica",
      [
        "Replication", "Registry", "RiskModel", "Deidentification", "SyncProtocol",
        "RegistryDatabase", "TestSupport", grdb, crypto,
      ]
    ),
    tests("CurlTransport", ["SyncProtocol"], exclude: ["Support/server.py"]),
    tests(
      "Center",
      [
        "Replication", "Registry", "RiskModel", "Deidentification", "SyncProtocol",
        "RegistryDatabase", "TestSupport", grdb, crypto,
      ]
    ),
    tests("PooledAnalysis", ["Biostatistics", "Registry", "RiskModel"]),
    .target(
      name: "FuzzTargets",
      dependencies: ["PooledAnalysis", "Registry", "RiskModel", "SyncProtocol", crypto],
      path: "Tests/FuzzTargets",
      swiftSettings: settings
    ),
    .testTarget(
      name: "FuzzTests",
      dependencies: ["FuzzTargets"],
      path: "Tests/FuzzTests",
      swiftSettings: settings
    ),
    .testTarget(
      name: "ArchitectureTests",
      path: "Tests/ArchitectureTests",
      swiftSettings: settings
    ),
    .testTarget(
      name: "SimulationTests",
      dependencies: ["simulate", "Registry"],
      path: "Tests/SimulationTests",
      swiftSettings: settings
    ),
    .testTarget(
      name: "EndToEndTests",
      dependencies: [
        "SiteReplica", "CurlTransport", "CenterService", "Center", "SyncProtocol", "Registry",
        "Replication", "RiskModel", "lobule", "lobule-center", crypto, logging,
      ],
      path: "Tests/EndToEndTests",
      exclude: ["Support"],
      swiftSettings: settings
    ),
  ],
  swiftLanguageModes: [.v6],
  cxxLanguageStandard: .cxx17
)
