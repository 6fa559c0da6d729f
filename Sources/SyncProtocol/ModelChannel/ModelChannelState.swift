// SPDX-License-Identifier: Apache-2.0

public import Foundation

/// A model that came through the channel.
public struct AcceptedModel: Hashable, Codable, Sendable {
  /// The model's version, strictly rising.
  public let version: UInt64
  /// The signed document: the model release, byte for byte.
  public let payload: Data

  /// How a timestamp would list the document.
  var listing: ListedModel { ModelDocument.listing(of: payload, version: version) }
}

/// What a site trusts: a root, the newest timestamp seen, and the models accepted.
///
/// Shaped after The Update Framework (theupdateframework.github.io/specification), without its
/// snapshot and delegations: a root rotation is signed by the old and the new keys, versions only
/// rise, and an expired timestamp stops updates. It does not stop scoring: accepted models stay.
public struct ModelChannelState: Codable, Equatable, Sendable {
  /// The keys that are trusted now.
  public private(set) var root: TrustedRoot
  /// The accepted models by name.
  public private(set) var models: [String: AcceptedModel] = [:]
  private var timestamp: TimestampDocument?

  /// Starts with a root that was handed over at enrolment and no model.
  public init(trusting root: TrustedRoot) {
    self.root = root
  }

  /// The version of the newest timestamp seen; `nil` before the first and after its keys changed.
  public var timestampVersion: UInt64? { timestamp?.version }

  /// When the newest timestamp expires, seconds since 1970.
  public var timestampExpires: Int? { timestamp?.expires }
}

extension ModelChannelState {
  /// Takes one step; a refused step leaves the state unchanged.
  ///
  /// Give roots a step of their own before the timestamp and model, so that a rotation survives
  /// the refusal of what came with it.
  ///
  /// - Parameters:
  ///   - update: The documents, as received.
  ///   - now: This clock, seconds since 1970.
  /// - Returns: Whether anything changed.
  /// - Throws: The first check that failed.
  @discardableResult
  public mutating func accept(
    _ update: ModelChannelUpdate,
    now: Int
  )
    throws(ModelChannelRefusal) -> ModelChannelOutcome
  {
    guard update.roots.count <= ModelChannelUpdate.maximumRoots else { throw .tooManyRoots }
    var next = self
    for envelope in update.roots { try next.rotate(to: envelope) }
    // Only the last root of a chain must be in force: a site may have been away for years.
    guard now < next.root.expires else { throw .rootExpired }
    if let envelope = update.timestamp { try next.accept(timestamp: envelope, now: now) }
    if let envelope = update.model { try next.accept(model: envelope, now: now) }
    let outcome: ModelChannelOutcome = next == self ? .unchanged : .accepted
    self = next
    return outcome
  }

  /// The roots of a list that say they are newer than the trusted one, in rising order.
  ///
  /// At most as many as one step takes.
  /// What they say is checked when they are accepted.
  public func newerRoots(among envelopes: [Envelope]) -> [Envelope] {
    envelopes
      .compactMap { envelope in
        (try? RootDocument(envelope)).map { (version: $0.version, envelope: envelope) }
      }
      .filter { $0.version > root.version }
      .sorted { $0.version < $1.version }
      .prefix(ModelChannelUpdate.maximumRoots)
      .map(\.envelope)
  }

  private mutating func rotate(to envelope: Envelope) throws(ModelChannelRefusal) {
    let next = try root.successor(envelope)
    // A stolen timestamp key can push the version as high as it likes; new keys start afresh.
    if next.document.timestamp.distinctKeys != root.document.timestamp.distinctKeys {
      timestamp = nil
    }
    root = next
  }

  private mutating func accept(
    timestamp envelope: Envelope,
    now: Int
  )
    throws(ModelChannelRefusal)
  {
    try ChannelDocument.timestamp.checkType(of: envelope)
    try root.document.timestamp.check(envelope)
    let next = try TimestampDocument(envelope)
    guard next.rootVersion <= root.version else { throw .rootVersion }
    if let current = timestamp {
      guard next.version > current.version || next == current else { throw .timestampRollback }
    }
    guard now < next.expires else { throw .timestampExpired }
    // TUF 5.5: what was listed stays listed, and versions do not fall.
    for (name, listed) in timestamp?.models ?? [:] {
      guard let newer = next.models[name] else { throw .modelNotListed }
      guard newer.version >= listed.version else { throw .modelRollback }
    }
    for (name, accepted) in models {
      guard let listed = next.models[name] else { throw .modelNotListed }
      guard listed.version > accepted.version || listed == accepted.listing else {
        throw .modelRollback
      }
    }
    timestamp = next
  }

  private mutating func accept(model envelope: Envelope, now: Int) throws(ModelChannelRefusal) {
    try ChannelDocument.model.checkType(of: envelope)
    try root.document.model.check(envelope)
    let document = try ModelDocument(envelope)
    guard let timestamp, let listed = timestamp.models[document.modelID] else {
      throw .modelNotListed
    }
    guard now < timestamp.expires else { throw .timestampExpired }
    let found = ModelDocument.listing(of: envelope.payload, version: document.version)
    guard found.length == listed.length else { throw .length }
    guard found.sha256 == listed.sha256 else { throw .hash }
    guard found.version == listed.version else { throw .modelVersion }
    let accepted = AcceptedModel(version: document.version, payload: envelope.payload)
    if let current = models[document.modelID] {
      guard accepted.version > current.version || accepted == current else {
        throw .modelRollback
      }
    }
    models[document.modelID] = accepted
  }
}
