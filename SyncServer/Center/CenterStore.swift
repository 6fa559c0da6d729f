// SPDX-License-Identifier: Apache-2.0

public import Foundation
public import RegistryDatabase
public import Replication
public import SyncProtocol

/// Where the coordinating centre keeps everything: all persistence goes through here.
///
/// The use cases in `Center` are written against the two views below, so that a store over
/// another database needs these operations and nothing else.
public protocol CenterStore: Sendable {
  /// Runs a body in one transaction; when it throws, nothing it did remains.
  ///
  /// - Returns: What the body returns, after the commit is on disk.
  /// - Throws: `CenterError`: the body's own, `inUse`, or `storage`.
  func write<Result: Sendable>(
    _ body: (any CenterWriting) throws -> Result
  ) throws(CenterError) -> Result

  /// Runs a body on one consistent state of the store.
  ///
  /// - Throws: `CenterError`: the body's own, or `storage`.
  func read<Result: Sendable>(
    _ body: (any CenterReading) throws -> Result
  ) throws(CenterError) -> Result

  /// Writes everything anew where nothing that was deleted is left.
  ///
  /// - Throws: `CenterError.inUse` or `.storage`.
  func compact() throws(CenterError)
}

/// What can be asked within a transaction.
public protocol CenterReading {
  /// A setting by its name.
  func setting(_ name: String) throws -> Data?
  /// All sites by code.
  func sites() throws -> [SiteRecord]
  /// A site by its code.
  func site(_ code: String) throws -> SiteRecord?
  /// The devices of a site, or all, in the order of enrolment.
  func devices(site: String?) throws -> [DeviceRecord]
  /// A device by the name of its key.
  func device(_ keyID: String) throws -> DeviceRecord?
  /// A device by its public key.
  func device(publicKey: Data) throws -> DeviceRecord?
  /// The enrolment codes of a site, newest first.
  func enrolmentCodes(site: String) throws -> [EnrolmentCodeRecord]
  /// The key bound to a replica.
  func binding(of replica: ReplicaID) throws -> ReplicaBinding?
  /// What the log of a site holds.
  func vector(site: String) throws -> VersionVector
  /// The last link of each chain of a site.
  func chainHeads(site: String) throws -> [ContextEntry]
  /// The digest of a site's merged state, 32 bytes.
  func stateRoot(site: String) throws -> Data
  /// The 256 buckets of that digest, 4096 bytes.
  func stateBuckets(site: String) throws -> Data
  /// The same digest, computed from the stored heads instead of kept in step with them.
  func recomputedStateRoot(site: String) throws -> Data
  /// What is broken in the store's own form; empty when it is whole.
  func integrityFindings() throws -> [String]
  /// How far a site's batches are stored of which some wait for a newer program.
  func keptVector(site: String) throws -> VersionVector
  /// The addresses of one bucket of a site's digest, 32 bytes each.
  func bucketAddresses(site: String, bucket: Int) throws -> Data
  /// Calls a body with each sealed batch of a site, in the order of arrival.
  func forEachBatch(site: String, _ body: (LoggedBatch) throws -> Void) throws
  /// Sealed batches of a site that a vector lacks, up to a size.
  func batches(
    site: String,
    after vector: VersionVector,
    limitBytes: Int
  ) throws -> (batches: [LoggedBatch], hasMore: Bool)
  /// Calls a body with each patient of a site and the heads of its rows.
  func forEachPatient(
    site: String,
    _ body: (PatientID, [RowAddress: RowHeads]) throws -> Void
  ) throws
  /// The addresses of a site that were ever in conflict in its log, resolved or not, in order.
  ///
  /// Writes of a registration meet others at the patient that `names` gives it, but for one field.
  func everInConflict(
    site: String,
    uniting names: [PatientID: PatientID],
    exceptFor ownField: String
  ) throws -> [Address]
  /// The patients of a site who were erased by law.
  func erasedPatients(site: String) throws -> [PatientID]
  /// Of how many patients of a site something lacks without a mark of erasure.
  func unmarkedPatients(site: String) throws -> Int
  /// How many batches of a site lack what they had.
  func redactedBatches(site: String) throws -> Int
  /// The erased patients of a site who may still be in frozen cuts.
  func unsettledErasures(site: String) throws -> [PatientID]
  /// What frozen cuts lost, oldest first.
  func cutErasures() throws -> [CutErasure]
  /// The receipts of a site, newest first, up to a count.
  func receipts(site: String, limit: Int) throws -> [Receipt]
  /// The analysis plan that was registered last.
  func plan() throws -> Data?
  /// The analysis plan with a hash.
  func plan(sha256: Data) throws -> Data?
  /// What a cut or a candidate was made from, as canonical JSON; nil when it was not kept.
  func origin(_ kind: OriginKind, _ id: String) throws -> Data?
  /// The tables that have left the centre, oldest first.
  func publications() throws -> [TablePublication]
  /// All cuts without their rows, oldest first.
  func cuts() throws -> [DataCutSummary]
  /// A cut by its id.
  func cut(_ id: String) throws -> DataCut?
  /// A candidate by its id.
  func candidate(_ id: String) throws -> ModelCandidate?
  /// All candidates, oldest first.
  func candidates() throws -> [ModelCandidate]
  /// The newest document of a kind, or the one of a version.
  func document(_ kind: ChannelDocumentKind, version: UInt64?) throws -> ChannelDocument?
  /// All documents of a kind by version.
  func documents(_ kind: ChannelDocumentKind) throws -> [ChannelDocument]
  /// The number of audit entries.
  func auditSize() throws -> UInt64
  /// A node of the hash tree over them.
  ///
  /// - Throws: `CenterError.auditBroken` when it is not there.
  func auditNode(level: Int, position: UInt64) throws -> Data
  /// Audit entries from a number on, up to a count.
  func auditEntries(from sequence: Int, limit: Int) throws -> [AuditEntry]
}

/// What can be changed within a transaction.
public protocol CenterWriting: CenterReading {
  /// Sets a setting.
  func set(_ name: String, to value: Data) throws
  /// Adds a site.
  func insert(_ site: SiteRecord) throws
  /// Revokes a site and its devices, and fixes the last sequence admitted of each replica.
  func revoke(site: String, now: Int) throws
  /// Revokes a device, and fixes the last sequence admitted of each of its replicas.
  func revoke(device keyID: String, now: Int) throws
  /// Adds a device.
  func insert(_ device: DeviceRecord) throws
  /// Notes which release a device uses.
  func noteModel(_ version: UInt64, keyID: String) throws
  /// Notes which key took the place of a device's.
  func setSuccessor(_ successor: String, of keyID: String) throws
  /// Fixes the last sequence that is admitted of a replica.
  func setLastAdmitted(_ last: UInt64, of replica: ReplicaID) throws
  /// Puts further signatures to a published document, whose payload stays.
  func replaceEnvelope(of document: ChannelDocument) throws
  /// Notes that a device was served.
  func noteSeen(keyID: String, now: Int) throws
  /// Adds an enrolment code.
  func insertEnrolmentCode(site: String, derivedKey: Data, now: Int, expiresAt: Int) throws
  /// Uses up a code, when it is unused and not expired.
  ///
  /// - Returns: Whether this call used it: true for one caller at most.
  func useEnrolmentCode(_ id: Int, keyID: String, now: Int) throws -> Bool
  /// Makes every unused code void.
  ///
  /// - Returns: How many were still good.
  func voidEnrolmentCodes(now: Int) throws -> Int
  /// Binds a replica to a key.
  func bind(_ replica: ReplicaID, site: String, keyID: String, now: Int) throws
  /// Admits a batch to a site's log and heads.
  func admit(_ batch: Batch, bytes: Data, site: String) throws -> Admission
  /// Admits the batches of a site that waited for this version of the program; how many changesets.
  func applyKept(site: String) throws -> Int
  /// Merges a site's log anew.
  func rebuildHeads(site: String) throws
  /// Notes that an erased patient is in no frozen cut any more.
  func settleErasure(of patient: PatientID, site: String, now: Int) throws
  /// Puts what an erasure left in the place of a cut's content.
  func replace(content: Data, with erasure: CutErasure) throws
  /// Keeps a receipt with the batches it refused.
  func insert(_ receipt: Receipt, refused: [RefusedBatch]) throws
  /// Records a nonce of a key.
  ///
  /// - Returns: Whether it is new.
  func useNonce(_ nonce: String, keyID: String, dropAfter: Int) throws -> Bool
  /// Drops the nonces whose time is over.
  func pruneNonces(now: Int) throws
  /// Registers an analysis plan.
  func insertPlan(_ content: Data, sha256: Data, now: Int) throws
  /// Keeps a cut.
  func insert(_ cut: DataCut) throws
  /// Keeps what a cut or a candidate was made from.
  func insertOrigin(_ kind: OriginKind, _ id: String, _ content: Data) throws
  /// Keeps tables that leave the centre.
  func insert(_ publication: TablePublication) throws
  /// Keeps a new candidate, or the changed one of the same id.
  func save(_ candidate: ModelCandidate) throws
  /// Publishes a document.
  func insert(_ document: ChannelDocument, now: Int) throws
  /// Appends an audit entry with the nodes of the hash tree that it completes.
  func append(_ entry: AuditEntry, nodes: [MerkleNode]) throws
}

/// A batch that was refused, with the reason code.
public struct RefusedBatch: Equatable, Sendable {
  /// The replica that the batch names; nil when its form could not be read.
  public let replica: ReplicaID?
  /// Its first sequence.
  public let firstSequence: UInt64
  /// How many changesets it holds; 0 when its form could not be read.
  public let changesets: Int
  /// Why, as a code.
  public let reason: String

  /// Makes a refusal of its parts.
  public init(replica: ReplicaID?, firstSequence: UInt64, changesets: Int, reason: String) {
    self.replica = replica
    self.firstSequence = firstSequence
    self.changesets = changesets
    self.reason = reason
  }
}

extension CenterWriting {
  /// Appends an event to the audit log.
  public func record(_ event: AuditEvent, now: Int) throws {
    let tree = try auditTree()
    let sequence = Int(tree.size) + 1
    let entry = AuditEntry(
      sequence: sequence,
      canonical: event.canonical(sequence: sequence, at: now)
    )
    try append(entry, nodes: try tree.appending(entry.leaf))
  }
}
