// SPDX-License-Identifier: Apache-2.0
import Testing

@Suite struct ImportTests {
  /// Our modules that each module may import: the one-way table of docs/architecture.md.
  static let allowed: [String: Set<String>] = [
    "Replication": [],
    "Biostatistics": ["CBoostMath"],
    "CommandSupport": ["CBuildInfo"],
    "Registry": ["Replication"],
    "RiskModel": [],
    "Deidentification": ["Registry", "Replication"],
    "SyncProtocol": ["Deidentification", "Replication", "RiskModel", "CZstd"],
    "Migrations": [],
    "RegistryDatabase": ["Replication", "Migrations"],
    "SiteReplica": [
      "Replication", "Biostatistics", "Registry", "RiskModel", "Deidentification", "SyncProtocol",
      "RegistryDatabase",
    ],
    "CurlTransport": ["SyncProtocol", "CCurl"],
    "Center": ["Replication", "Registry", "RiskModel", "SyncProtocol", "RegistryDatabase"],
    "PooledAnalysis": ["Biostatistics", "Replication", "Registry", "RiskModel", "SyncProtocol"],
    "CenterService": [
      "Center", "PooledAnalysis", "RegistryDatabase", "SyncProtocol", "Registry", "RiskModel",
      "Replication",
    ],
    "lobule": [
      "SiteReplica", "CurlTransport", "CommandSupport", "Registry", "RiskModel", "Replication",
      "SyncProtocol", "Deidentification",
    ],
    "lobule-center": [
      "CenterService", "Center", "PooledAnalysis", "CommandSupport", "Registry", "RiskModel",
      "Replication", "SyncProtocol", "Biostatistics",
    ],
  ]

  /// System libraries and shims: exactly one importer each.
  static let shims: Set<String> = ["CBoostMath", "CBuildInfo", "CZstd", "CCurl", "CCurlLibrary"]

  static var ours: Set<String> { shims.union(allowed.keys) }

  @Test(arguments: allowed.keys.sorted())
  func `a module imports only what its rank allows`(module: String) throws {
    let permitted = try #require(Self.allowed[module])
    for file in try SourceTree.shipped() where file.module == module {
      for used in file.imports where Self.ours.contains(used.module) {
        #expect(
          permitted.contains(used.module),
          "\(file.path):\(used.line) imports \(used.module), which \(module) may not"
        )
      }
    }
  }

  @Test(arguments: ["CBoostMath", "CBuildInfo", "CZstd", "CCurl"])
  func `each shim has one importer`(shim: String) throws {
    let importers = Set(
      try SourceTree.shipped().filter { $0.imports.contains { $0.module == shim } }
        .compactMap(\.module)
    )
    #expect(importers.count == 1, "\(shim) is imported by \(importers.sorted())")
  }

  @Test func `every module of the tree is in the table`() throws {
    let modules = Set(try SourceTree.shipped().compactMap(\.module))
    #expect(modules.subtracting(Self.allowed.keys).isEmpty)
  }

  @Test func `the sites do not fit models and the centre does not speak through libcurl`() throws {
    for file in try SourceTree.shipped() {
      let names = Set(file.imports.map(\.module))
      if file.path.hasPrefix("Client/") { #expect(!names.contains("PooledAnalysis")) }
      if file.path.hasPrefix("SyncServer/") {
        #expect(names.isDisjoint(with: ["CurlTransport", "CCurl", "SiteReplica"]))
      }
    }
  }
}
