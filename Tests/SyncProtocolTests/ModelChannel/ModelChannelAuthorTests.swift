// SPDX-License-Identifier: Apache-2.0

import Crypto
import Foundation
import SyncProtocol
import Testing

@Suite struct ModelChannelAuthorTests {
  static let now = 1_795_442_400
  static let day = 86_400

  /// A centre's keys and the state of a site that trusts its first root.
  struct Channel {
    let rootKeys = (0..<3).map { _ in Curve25519.Signing.PrivateKey() }
    let modelKeys = (0..<3).map { _ in Curve25519.Signing.PrivateKey() }
    let timestampKey = Curve25519.Signing.PrivateKey()
    var state: ModelChannelState

    init() throws {
      let root = try Channel.root(1, rootKeys, modelKeys, timestampKey, expires: now + 365 * day)
      state = ModelChannelState(trusting: try TrustedRoot(root))
    }

    static func root(
      _ version: UInt64,
      _ rootKeys: [Curve25519.Signing.PrivateKey],
      _ modelKeys: [Curve25519.Signing.PrivateKey],
      _ timestampKey: Curve25519.Signing.PrivateKey,
      expires: Int
    ) throws -> Envelope {
      var root = try ModelChannelAuthor.root(
        version: version,
        expires: expires,
        rootKeys: rootKeys.map(\.publicKey),
        modelKeys: modelKeys.map(\.publicKey),
        timestampKeys: [timestampKey.publicKey]
      )
      for key in rootKeys.prefix(2) { try root.sign(by: key) }
      return root
    }

    func model(_ version: Int, signatures: Int = 2) throws -> Envelope {
      let release = #"{"type":"model","model_id":"hcc-response","version":\#(version),"x":0.1}"#
      var model = try ModelChannelAuthor.model(release: Data(release.utf8))
      for key in modelKeys.prefix(signatures) { try model.sign(by: key) }
      return model
    }

    func timestamp(_ version: UInt64, expires: Int, models: [Envelope]) throws -> Envelope {
      var timestamp = try ModelChannelAuthor.timestamp(
        version: version,
        expires: expires,
        rootVersion: 1,
        models: models
      )
      try timestamp.sign(by: timestampKey)
      return timestamp
    }
  }

  @Test func `a model that the author made is accepted byte for byte`() throws {
    var channel = try Channel()
    let model = try channel.model(1)
    let timestamp = try channel.timestamp(1, expires: Self.now + Self.day, models: [model])
    try channel.state.accept(
      ModelChannelUpdate(timestamp: timestamp, model: model),
      now: Self.now
    )
    #expect(channel.state.models["hcc-response"]?.payload == model.payload)
  }

  @Test func `a model may come in a step after its timestamp`() throws {
    var channel = try Channel()
    let model = try channel.model(1)
    let timestamp = try channel.timestamp(1, expires: Self.now + Self.day, models: [model])
    try channel.state.accept(ModelChannelUpdate(timestamp: timestamp), now: Self.now)
    let outcome = try channel.state.accept(
      ModelChannelUpdate(timestamp: timestamp, model: model),
      now: Self.now
    )
    #expect(outcome == .accepted)
  }

  @Test func `a model is not taken under a timestamp that has expired since`() throws {
    var channel = try Channel()
    let model = try channel.model(1)
    let timestamp = try channel.timestamp(1, expires: Self.now + Self.day, models: [model])
    try channel.state.accept(ModelChannelUpdate(timestamp: timestamp), now: Self.now)
    #expect(throws: ModelChannelRefusal.timestampExpired) {
      try channel.state.accept(ModelChannelUpdate(model: model), now: Self.now + Self.day)
    }
  }

  @Test func `an accepted model stays when the timestamp has expired`() throws {
    var channel = try Channel()
    let model = try channel.model(1)
    let timestamp = try channel.timestamp(1, expires: Self.now + Self.day, models: [model])
    let update = ModelChannelUpdate(timestamp: timestamp, model: model)
    try channel.state.accept(update, now: Self.now)
    #expect(throws: ModelChannelRefusal.timestampExpired) {
      try channel.state.accept(update, now: Self.now + 2 * Self.day)
    }
    #expect(channel.state.models["hcc-response"]?.version == 1)
  }

  @Test func `a timestamp that has expired is not taken, with no model either`() throws {
    var channel = try Channel()
    let stale = try channel.timestamp(1, expires: Self.now, models: [channel.model(1)])
    #expect(throws: ModelChannelRefusal.timestampExpired) {
      try channel.state.accept(ModelChannelUpdate(timestamp: stale), now: Self.now)
    }
    #expect(channel.state.timestampVersion == nil)
  }

  @Test func `a listed model that nobody fetched gets no older version`() throws {
    var channel = try Channel()
    let expires = Self.now + Self.day
    let newer = try channel.timestamp(1, expires: expires, models: [channel.model(2)])
    try channel.state.accept(ModelChannelUpdate(timestamp: newer), now: Self.now)
    let older = try channel.timestamp(2, expires: expires, models: [channel.model(1)])
    #expect(throws: ModelChannelRefusal.modelRollback) {
      try channel.state.accept(ModelChannelUpdate(timestamp: older), now: Self.now)
    }
  }

  @Test func `a timestamp that drops a model is refused`() throws {
    var channel = try Channel()
    let model = try channel.model(1)
    let first = try channel.timestamp(1, expires: Self.now + Self.day, models: [model])
    try channel.state.accept(ModelChannelUpdate(timestamp: first), now: Self.now)
    let second = try channel.timestamp(2, expires: Self.now + Self.day, models: [])
    #expect(throws: ModelChannelRefusal.modelNotListed) {
      try channel.state.accept(ModelChannelUpdate(timestamp: second), now: Self.now)
    }
  }

  @Test func `another timestamp of the same version is refused`() throws {
    var channel = try Channel()
    let first = try channel.timestamp(1, expires: Self.now + Self.day, models: [])
    try channel.state.accept(ModelChannelUpdate(timestamp: first), now: Self.now)
    let second = try channel.timestamp(1, expires: Self.now + 2 * Self.day, models: [])
    #expect(throws: ModelChannelRefusal.timestampRollback) {
      try channel.state.accept(ModelChannelUpdate(timestamp: second), now: Self.now)
    }
  }

  @Test func `a site that was away takes all roots it lacks`() throws {
    var channel = try Channel()
    let rootKeys = channel.rootKeys
    let all = try (1...4).map { version in
      // The intermediate roots have expired; the last is in force.
      let expires = version == 4 ? Self.now + Self.day : Self.now - Self.day
      return try Channel.root(
        UInt64(version),
        rootKeys,
        channel.modelKeys,
        channel.timestampKey,
        expires: expires
      )
    }
    let newer = channel.state.newerRoots(among: all.reversed())
    try channel.state.accept(ModelChannelUpdate(roots: newer), now: Self.now)
    #expect(channel.state.root.version == 4)
  }

  @Test func `a threshold above the number of keys is not made`() {
    let key = Curve25519.Signing.PrivateKey().publicKey
    #expect(throws: ModelChannelRefusal.thresholdInvalid) {
      try ModelChannelAuthor.root(
        version: 1,
        expires: Self.now,
        rootKeys: [key],
        modelKeys: [key, key],
        timestampKeys: [key]
      )
    }
  }

  @Test func `a release without a model name is not a model`() {
    #expect(throws: ModelChannelRefusal.malformed) {
      try ModelChannelAuthor.model(release: Data(#"{"type":"model","version":1}"#.utf8))
    }
  }
}
