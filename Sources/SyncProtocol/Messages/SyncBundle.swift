// SPDX-License-Identifier: Apache-2.0
public import Crypto
public import Foundation

/// The batches of one exchange in a file, for sites with no line to the centre.
///
/// A signed list of contents comes first, then the sealed batches byte for byte. Each batch is
/// looked up by its place in the list, so that a damaged one spoils no other and a file that was
/// cut off keeps what came before.
public struct SyncBundle: Hashable, Sendable {
  /// Who a bundle is for.
  public enum Direction: UInt8, Hashable, Sendable {
    /// Written by a device of the site.
    case toCenter = 1
    /// Written by the centre.
    case toSite = 2
  }

  /// What stands in the file at the place of a listed batch.
  public enum Content: Hashable, Sendable {
    /// The batch as it was written.
    case whole(Data)
    /// Bytes with another hash than the listed one.
    case damaged
    /// The file ends before it.
    case missing
  }

  /// Who it is for.
  public let direction: Direction
  /// The scope of every batch in it.
  public let site: String
  /// The name of the key that signed the list.
  public let keyID: String
  /// What the writer has, the links of its chains, and its state root.
  public let state: SyncRequest
  /// The listed batches, in the order of the writer's log.
  public let contents: [Content]
  /// The centre's model channel, as the model route answers it; nil when the file lists none.
  public let documents: Content?

  private let header: Data
  private let signature: Data

  /// The most bytes of a bundle.
  public static let limitBytes = 1 << 30

  /// The most bytes of the model channel's documents.
  public static let documentBytes = 4 << 20

  static let magic = Data("lobule-bundle-1\n".utf8)
  private static let signatureBytes = 64

  /// How many listed batches the file ends before.
  public var missingCount: Int { contents.count { $0 == .missing } }

  /// Checks who wrote the list of contents, and so everything that is `whole`.
  ///
  /// - Throws: `SyncProtocolError.signatureInvalid`.
  public func verify(publicKey: Curve25519.Signing.PublicKey) throws(SyncProtocolError) {
    guard publicKey.isValidSignature(signature, for: Self.magic + header) else {
      throw .signatureInvalid(keyID: keyID)
    }
  }
}

extension SyncBundle {
  /// Makes the bytes of a bundle.
  ///
  /// - Parameters:
  ///   - batches: Sealed batches of the site, in the order of the log.
  ///   - direction: Who it is for.
  ///   - site: Their scope.
  ///   - state: What the writer has; batches inside it are left out.
  ///   - documents: The centre's model channel, to stand behind the batches.
  ///   - identity: The writer's key.
  /// - Returns: The whole file.
  /// - Throws: `SyncProtocolError.form(.tooLarge)`, or `.signingFailed`.
  public static func write(
    _ batches: [Data],
    direction: Direction,
    site: String,
    state: SyncRequest,
    documents: Data? = nil,
    identity: SigningIdentity
  ) throws(SyncProtocolError) -> Data {
    let stated = SyncRequest(
      vector: state.vector,
      chainHeads: state.chainHeads,
      stateRoot: state.stateRoot,
      modelVersion: state.modelVersion,
      kept: state.kept
    ).encoded()
    var header = Data([direction.rawValue])
    for text in [site, identity.keyID] {
      guard BatchLimits.isName(text, limit: BatchLimits.keyIDBytes) else { throw .form(.name) }
      header.append(UInt8(text.utf8.count))
      header.append(contentsOf: text.utf8)
    }
    header.appendNumber(stated.count)
    header.append(stated)
    header.appendNumber(batches.count)
    for batch in batches {
      header.appendNumber(batch.count)
      header.append(contentsOf: SHA256.hash(data: batch))
    }
    if let documents {
      guard documents.count <= documentBytes else { throw .form(.tooLarge) }
      header.appendNumber(documents.count)
      header.append(contentsOf: SHA256.hash(data: documents))
    }
    let listed = batches + (documents.map { [$0] } ?? [])
    let total = listed.reduce(header.count) { $0 + $1.count }
    guard total < limitBytes - magic.count - signatureBytes - 4 else { throw .form(.tooLarge) }
    guard let signature = try? identity.privateKey.signature(for: magic + header) else {
      throw .signingFailed(keyID: identity.keyID)
    }
    var bytes = magic
    bytes.reserveCapacity(total + 128)
    bytes.appendNumber(header.count)
    bytes.append(header)
    bytes.append(signature)
    for part in listed { bytes.append(part) }
    return bytes
  }

  /// Reads a bundle; signatures are for the caller.
  ///
  /// A file that ends within the batches is read as far as it goes, see `missingCount`.
  ///
  /// - Throws: `SyncProtocolError.form` when it is no bundle, ends within its list of contents, or
  ///   goes on after the last batch.
  public static func read(_ bytes: Data) throws(SyncProtocolError) -> SyncBundle {
    guard bytes.count <= limitBytes else { throw .form(.tooLarge) }
    var file = BundleReader(bytes)
    guard try file.take(magic.count) == magic else { throw .form(.notCanonical) }
    let header = try file.take(try file.number())
    let signature = try file.take(signatureBytes)
    var list = BundleReader(header)
    guard let direction = Direction(rawValue: try list.byte()) else { throw .form(.kind) }
    let site = try list.name()
    let keyID = try list.name()
    let state = try SyncRequest(decoding: try list.take(try list.number()))
    guard state.batches.isEmpty else { throw .form(.counts) }
    let count = try list.number()
    var contents: [Content] = []
    for _ in 0..<count {
      contents.append(try file.content(listedIn: &list, limit: BatchLimits.sealedBytes))
    }
    let documents =
      list.isAtEnd ? nil : try file.content(listedIn: &list, limit: documentBytes)
    guard list.isAtEnd, file.isAtEnd else { throw .form(.notCanonical) }
    return SyncBundle(
      direction: direction,
      site: site,
      keyID: keyID,
      state: state,
      contents: contents,
      documents: documents,
      header: header,
      signature: signature
    )
  }
}

/// Reads the parts of a bundle one after the other.
private struct BundleReader {
  private var rest: Data

  init(_ bytes: Data) { rest = bytes }

  var isAtEnd: Bool { rest.isEmpty }

  mutating func take(_ count: Int) throws(SyncProtocolError) -> Data {
    guard count <= rest.count else { throw .form(.length) }
    defer { rest = rest.dropFirst(count) }
    return Data(rest.prefix(count))
  }

  /// The next bytes, or nil when the file ends before their end: then nothing more is there.
  mutating func takeWhole(_ count: Int) -> Data? {
    guard let taken = try? take(count) else {
      rest = Data()
      return nil
    }
    return taken
  }

  /// What stands at the place that the next entry of a list names by size and hash.
  mutating func content(
    listedIn list: inout BundleReader,
    limit: Int
  ) throws(SyncProtocolError) -> SyncBundle.Content {
    let size = try list.number()
    guard size > 0, size <= limit else { throw .form(.counts) }
    let hash = try list.take(32)
    guard let part = takeWhole(size) else { return .missing }
    return Data(SHA256.hash(data: part)) == hash ? .whole(part) : .damaged
  }

  mutating func byte() throws(SyncProtocolError) -> UInt8 {
    let taken = try take(1)
    return taken[taken.startIndex]
  }

  mutating func number() throws(SyncProtocolError) -> Int {
    Int(try take(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) })
  }

  mutating func name() throws(SyncProtocolError) -> String {
    let text = String(decoding: try take(Int(try byte())), as: UTF8.self)
    guard BatchLimits.isName(text, limit: BatchLimits.keyIDBytes) else { throw .form(.name) }
    return text
  }
}

extension Data {
  fileprivate mutating func appendNumber(_ number: Int) {
    let clamped = UInt32(clamping: number)
    append(contentsOf: [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: clamped >> $0) })
  }
}
