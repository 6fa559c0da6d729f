// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandSupport
import Foundation
import Registry
import SiteReplica

/// What every command takes.
struct StoreOptions: ParsableArguments {
  @Option(help: "The folder of this device; else LOBULE_STORE.")
  var store: String?

  @Option(help: "A folder with the study's files; else LOBULE_STUDY, else the built-in study.")
  var study: String?

  @Flag(help: "Print one JSON document.")
  var json = false

  /// The store folder, without a slash at its end.
  func folder() throws(CommandFailure) -> String {
    let given = store ?? ProcessInfo.processInfo.environment["LOBULE_STORE"] ?? ""
    guard !given.isEmpty else {
      throw CommandFailure(
        .usage,
        what: "No store was named",
        todo: "Give --store DIR or set LOBULE_STORE"
      )
    }
    return given.count > 1 && given.hasSuffix("/") ? String(given.dropLast()) : given
  }

  func openStore() throws -> SiteStore {
    try SiteStore.open(folder: folder(), study: chosenStudy())
  }

  /// The study that this device records.
  func chosenStudy() throws -> Study {
    let given = study ?? ProcessInfo.processInfo.environment["LOBULE_STUDY"] ?? ""
    return given.isEmpty
      ? try Study.embedded()
      : try Study.load(folder: URL(filePath: given, directoryHint: .isDirectory))
  }
}

/// What opens the vault.
struct VaultOptions: ParsableArguments {
  @Option(help: "The vault's key file; else LOBULE_VAULT_KEY, else the one made by init.")
  var vaultKey: String?

  @Option(help: "A file with the vault's passphrase, or - for standard input.")
  var passphraseFile: String?

  @Option(help: "A file with the vault's recovery key, or - for standard input.")
  var recoveryFile: String?

  func openVault(of store: SiteStore) throws -> Vault {
    try store.openVault(try secret(for: store))
  }

  func secret(for store: SiteStore) throws -> VaultSecret {
    let environment = ProcessInfo.processInfo.environment
    if let recoveryFile {
      return .recovery(try VaultKeyFile.text(recoveryFile))
    }
    if let path = passphraseFile ?? environment["LOBULE_PASSPHRASE_FILE"] {
      return .passphrase(Data(try VaultKeyFile.text(path).utf8))
    }
    if let path = vaultKey ?? environment["LOBULE_VAULT_KEY"] {
      return .keyFile(try VaultKeyFile.read(path))
    }
    let places = try keyPlaces(of: store)
    for place in places where FileManager.default.fileExists(atPath: place) {
      return .keyFile(try VaultKeyFile.read(place))
    }
    throw CommandFailure(
      .refused,
      what: "The vault is locked, or its key was not found",
      to: places.last ?? "",
      todo: "Give --vault-key FILE, --passphrase-file FILE or --recovery-file FILE"
    )
  }

  /// Where the key file may be when none is named, the likeliest first.
  func keyPlaces(of store: SiteStore) throws -> [String] {
    [vaultKey, try store.vaultKeyPath(), VaultKeyFile.defaultPath(store: store.folder)]
      .compactMap(\.self)
  }
}

/// The file that opens the vault without a passphrase: 32 random bytes as hexadecimal, mode 0600.
///
/// It is kept outside the store folder, so that a copy of the folder alone names nobody.
enum VaultKeyFile {
  /// Beside the store folder: `DIR.vault-key`.
  static func defaultPath(store: String) -> String {
    URL(filePath: store).standardizedFileURL.path + ".vault-key"
  }

  /// Draws the text of a new one: 256 random bits.
  static func draw(using generator: inout some RandomNumberGenerator) -> String {
    (0..<4).map { _ in
      let digits = String(generator.next() as UInt64, radix: 16)
      return String(repeating: "0", count: 16 - digits.count) + digits
    }.joined()
  }

  static func read(_ path: String) throws(CommandFailure) -> Data {
    var status = stat()
    if stat(path, &status) == 0, status.st_mode & 0o077 != 0 {
      throw CommandFailure(
        .refused,
        what: "Other users may read the vault's key file",
        to: path,
        todo: "Run chmod 600 on it"
      )
    }
    return Data(try text(path).utf8)
  }

  /// The first line of a file or of standard input.
  static func text(_ path: String) throws(CommandFailure) -> String {
    let bytes = try PrivateFile.readOrInput(path)
    let line = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline).first ?? ""
    let trimmed = line.trimmingCharacters(in: .whitespaces)
    guard !trimmed.isEmpty else {
      throw CommandFailure(.refused, what: "The file is empty", to: path, todo: "Check the path")
    }
    return trimmed
  }
}

/// Who runs the program, for the site's own audit trail.
enum LocalUser {
  static func actor() -> Actor {
    let environment = ProcessInfo.processInfo.environment
    let name = environment["LOBULE_USER"] ?? accountName() ?? "user \(getuid())"
    return Actor(who: String(name.prefix(64)), now: SystemClock.now())
  }

  private static func accountName() -> String? {
    guard let entry = getpwuid(getuid()), let name = entry.pointee.pw_name else { return nil }
    return String(cString: name)
  }
}
