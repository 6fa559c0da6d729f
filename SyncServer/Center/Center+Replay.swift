// SPDX-License-Identifier: Apache-2.0

import Crypto
public import Foundation
public import Registry
import RegistryDatabase
import Replication
import SyncProtocol

extension Center {
  /// What a cut was made from.
  ///
  /// - Throws: `CenterError.originUnknown` for a cut of an earlier program.
  public func origin(ofCut id: String) throws(CenterError) -> CutOrigin {
    guard let bytes = try store.read({ try $0.origin(.cut, id) }),
      let origin = CutOrigin(decoding: bytes)
    else { throw .originUnknown(id) }
    return origin
  }

  /// What a candidate was made from, as JSON; nil when it was not kept.
  public func origin(ofCandidate id: String) throws(CenterError) -> Data? {
    try store.read { try $0.origin(.candidate, id) }
  }

  /// Makes the bytes of a cut again from the log alone.
  ///
  /// Every batch up to the cut's vectors is checked as when it came, its hash, its place in the
  /// chain and its author's signature, and merged in an empty store.
  ///
  /// - Parameters:
  ///   - id: The cut.
  ///   - study: The study whose dictionary names the columns.
  ///   - scratch: An empty store; what is merged there stays there.
  /// - Returns: The bytes, to be compared with those that were frozen.
  /// - Throws: `CenterError.originUnknown`, or `.logBroken` at the first batch that is not what its
  ///   author sealed or that is missing.
  public func rebuiltContent(
    ofCut id: String,
    study: Study,
    in scratch: any CenterStore
  ) throws(CenterError) -> Data {
    let origin = try origin(ofCut: id)
    return try store.read { store in
      try scratch.write { merged in
        for site in try store.sites() {
          guard let vector = origin.vectors[site.code] else { continue }
          try merged.insert(site)
          try Self.merge(site.code, upTo: vector, from: store, into: merged)
        }
        return try Self.frozen(
          study: study,
          withHistory: origin.hasConflictHistory,
          in: merged
        ).content
      }
    }
  }

  private static func merge(
    _ site: String,
    upTo vector: VersionVector,
    from store: any CenterReading,
    into merged: any CenterWriting
  ) throws {
    var chains: [ReplicaID: BatchHash] = [:]
    try store.forEachBatch(site: site) { logged in
      guard logged.lastSequence <= vector[logged.replica] else { return }
      let broken = CenterError.logBroken(
        site: site,
        replica: logged.replica.description,
        sequence: logged.firstSequence
      )
      guard let received = try? ReceivedBatch.decode(logged.bytes),
        received.batch.hash == logged.hash, received.batch.replica == logged.replica,
        received.batch.previous == chains[logged.replica] ?? .none,
        try isSigned(received, in: store),
        case .applied = try merged.admit(received.batch, bytes: logged.bytes, site: site)
      else { throw broken }
      chains[logged.replica] = logged.hash
    }
    let found = try merged.vector(site: site)
    for (replica, last) in vector.entries where found[replica] != last {
      throw CenterError.logBroken(
        site: site,
        replica: replica.description,
        sequence: found[replica] + 1
      )
    }
  }

  private static func isSigned(
    _ received: ReceivedBatch,
    in store: any CenterReading
  ) throws -> Bool {
    guard let binding = try store.binding(of: received.batch.replica),
      let device = try store.device(binding.keyID),
      let key = try? Curve25519.Signing.PublicKey(rawRepresentation: device.publicKey)
    else { return false }
    return (try? received.verify(publicKey: key)) != nil
  }
}
