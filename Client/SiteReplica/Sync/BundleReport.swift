// SPDX-License-Identifier: Apache-2.0

public import Foundation
public import Replication

/// A bundle for the centre, to be written to a file.
public struct WrittenBundle: Sendable {
  /// The file's bytes.
  public let bytes: Data
  /// How many batches are in it.
  public let batches: Int
  /// How many changesets are in them.
  public let changesets: Int
}

/// What reading a bundle did.
public struct BundleReport: Sendable, Equatable {
  /// A batch that was not taken.
  public struct Refusal: Sendable, Hashable {
    /// Its place in the file, from 1.
    public let position: Int
    /// Its author; nil when its bytes name none.
    public let replica: ReplicaID?
    /// Its first sequence; 0 when its bytes name none.
    public let firstSequence: UInt64
    /// Why: `damaged`, `form`, `scope`, `signature` or `fork`.
    public let reason: String
  }

  /// Changesets that were applied.
  public var pulledChangesets = 0
  /// The batches that were not taken.
  public var refused: [Refusal] = []
  /// Batches that the file ends before.
  public var missingBatches = 0
  /// Changesets here that the centre lacked when it wrote the bundle.
  public var unsent = 0
  /// Fields in conflict here afterwards.
  public var conflicts = 0
  /// Whether both ends held the same merged state; nil when they could not be compared.
  public var isDigestEqual: Bool?
  /// Whether this device took a new replica id.
  public var hasForked = false
  /// The version of the model release in use afterwards.
  public var modelVersion: UInt64 = 0
  /// Why a newer model release in the file was not taken; the rest stands.
  public var modelRefusal: ModelRefusal?
}
