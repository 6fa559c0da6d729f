// SPDX-License-Identifier: Apache-2.0

/// What became of a batch that was offered to a replica.
public enum BatchAdmission: Hashable, Sendable {
  /// It was applied, and with it what waited for it; the count is of changesets.
  case applied(changesets: Int)
  /// It was there already.
  case duplicate
  /// It waits for these batches; for none when it waits for a newer program.
  case held(needs: [ContextEntry])
  /// A replica's sequence exists in two versions; nothing was applied.
  case forked(replica: ReplicaID, at: UInt64)
  /// It lacks what is here, of a patient that nobody has marked as erased; nothing was changed.
  case unmarked(replica: ReplicaID, at: UInt64)
}

/// A replica in memory: the slow, obvious twin of the database, for tests and the simulation.
public struct ReplicaState: Sendable {
  /// The replica's own id.
  public let replica: ReplicaID
  /// The site it belongs to.
  public let site: String
  /// Every sealed batch it has, in the order of arrival.
  public private(set) var log: [Batch] = []
  /// Batches that wait for others.
  public private(set) var held: [Batch] = []
  /// Own changesets that are applied and not yet sealed.
  public private(set) var pending: [Changeset] = []
  /// The heads of every row.
  public private(set) var rows: [RowAddress: RowHeads] = [:]
  /// What is applied, own unsealed changesets included.
  public private(set) var appliedVector = VersionVector()
  /// What is sealed or received.
  public private(set) var vector = VersionVector()
  /// The greatest Lamport counter seen.
  public private(set) var lamport: UInt64 = 0
  /// The patients that each author's batches introduced, in order of its chain.
  private var introduced: [ReplicaID: [PatientID]] = [:]
  /// The patients that were erased by law.
  public private(set) var erased: Set<PatientID> = []

  /// Makes an empty replica.
  public init(replica: ReplicaID, site: String) {
    self.replica = replica
    self.site = site
  }

  /// The newest chain link of every replica seen, by rising replica.
  public var chainHeads: [ContextEntry] {
    vector.entries.keys.sorted().compactMap { replica in
      let last = vector[replica]
      return chainLink(of: replica, at: last).map {
        ContextEntry(replica: replica, last: last, chainPrefix: $0.prefix8)
      }
    }
  }

  /// The hash of the batch of a replica that ends at a sequence.
  public func chainLink(of replica: ReplicaID, at sequence: UInt64) -> BatchHash? {
    if sequence == 0 { return BatchHash.none }
    return log.last { $0.replica == replica && $0.lastSequence == sequence }?.hash
  }
}

extension ReplicaState {
  /// Saves one changeset of one's own.
  @discardableResult
  public mutating func save(_ writes: [FieldWrite], reason: String = "entry") -> Changeset {
    let sequence = appliedVector[replica] + 1
    let changeset = Changeset(
      dot: Dot(replica: replica, sequence: sequence),
      lamport: lamport + 1,
      reason: reason,
      context: appliedVector,
      writes: writes
    )
    apply(changeset)
    pending.append(changeset)
    redactOwn(marking: changeset)
    return changeset
  }

  /// Seals the pending changesets in one batch; nil when there are none.
  ///
  /// `hash` computes the chain link of the batch that is about to be sealed.
  @discardableResult
  public mutating func seal(hash: (Batch) -> BatchHash) -> Batch? {
    guard let first = pending.first else { return nil }
    func batch(_ hash: BatchHash) -> Batch {
      Batch(
        site: site,
        replica: replica,
        keyID: "",
        firstSequence: first.dot.sequence,
        previous: chainLink(of: replica, at: vector[replica]) ?? .none,
        hash: hash,
        dictionaryVersion: "1",
        foreignContext: chainHeads.filter { $0.replica != replica },
        changesets: pending
      )
    }
    let sealed = batch(hash(batch(.none)))
    log.append(sealed)
    vector.advance(replica, to: sealed.lastSequence)
    pending = []
    return sealed
  }

  /// Offers a batch: applies it when its predecessor and its context are there, else holds it.
  ///
  /// Own pending changesets must be sealed first.
  @discardableResult
  public mutating func apply(_ batch: Batch) -> BatchAdmission {
    precondition(pending.isEmpty, "pending changesets are sealed before a foreign batch")
    let admission = admit(batch)
    switch admission {
    case .applied(let count): return .applied(changesets: count + releaseHeld())
    case .held:
      if !held.contains(batch) { held.append(batch) }
      return admission
    case .duplicate, .forked, .unmarked: return admission
    }
  }

  /// Takes in every batch of another replica.
  public mutating func merge(_ other: ReplicaState) {
    for batch in other.log { apply(batch) }
  }

  private mutating func admit(_ batch: Batch) -> BatchAdmission {
    let last = vector[batch.replica]
    if batch.firstSequence <= last { return repeated(batch) }
    var needs: [ContextEntry] = []
    if batch.firstSequence > last + 1 {
      let prefix = batch.previous.prefix8
      needs.append(
        ContextEntry(
          replica: batch.replica,
          last: batch.firstSequence - 1,
          chainPrefix: prefix
        )
      )
    } else if chainLink(of: batch.replica, at: last) != batch.previous {
      return .forked(replica: batch.replica, at: batch.firstSequence)
    }
    for entry in batch.foreignContext {
      if vector[entry.replica] < entry.last {
        needs.append(entry)
      } else if chainLink(of: entry.replica, at: entry.last)?.prefix8 != entry.chainPrefix {
        return .forked(replica: entry.replica, at: entry.last)
      }
    }
    guard needs.isEmpty, batch.unread == nil else { return .held(needs: needs) }
    guard let resolved = batch.resolved(patient) else {
      return .forked(replica: batch.replica, at: batch.firstSequence)
    }
    introduced[batch.replica, default: []] += batch.introduced
    log.append(resolved)
    for changeset in resolved.changesets { apply(changeset) }
    if !erased.isEmpty { log = log.map { $0.removing(erased) ?? $0 } }
    vector.advance(batch.replica, to: batch.lastSequence)
    lamport = max(lamport, batch.redaction?.lamport ?? 0)
    return .applied(changesets: batch.changesets.count)
  }

  /// Takes erased patients out of the log and of what is not sealed yet.
  private mutating func redactOwn(marking mark: Changeset) {
    guard !mark.erasures.isEmpty else { return }
    log = log.map { $0.removing(erased) ?? $0 }
    pending = pending.map { changeset in
      let parted = changeset.removing(erased)
      return parted.rest
        ?? Changeset(
          dot: changeset.dot,
          lamport: changeset.lamport,
          reason: mark.reason,
          context: changeset.context,
          writes: parted.removed.keys.map {
            FieldWrite(address: .erasure(of: $0), value: .erased)
          }
        )
    }
  }

  private func repeated(_ batch: Batch) -> BatchAdmission {
    let known = log.first { $0.replica == batch.replica && $0.hash == batch.hash }
    guard known != nil else { return .forked(replica: batch.replica, at: batch.firstSequence) }
    let isMarked = batch.redaction?.patients.allSatisfy(erased.contains) ?? true
    return isMarked ? .duplicate : .unmarked(replica: batch.replica, at: batch.firstSequence)
  }

  private func patient(_ reference: PatientReference) -> PatientID? {
    guard let known = introduced[reference.introducer], reference.number < UInt64(known.count)
    else { return nil }
    return known[Int(reference.number)]
  }

  private mutating func releaseHeld() -> Int {
    var released = 0
    var hasProgressed = true
    while hasProgressed {
      hasProgressed = false
      let waiting = held
      held = []
      for batch in waiting {
        switch admit(batch) {
        case .applied(let count):
          released += count
          hasProgressed = true
        case .held: held.append(batch)
        case .duplicate, .forked, .unmarked: break
        }
      }
    }
    return released
  }

  private mutating func apply(_ changeset: Changeset) {
    erased.formUnion(changeset.erasures)
    if !erased.isEmpty { rows = rows.filter { !erased.contains($0.key.patient) } }
    for write in changeset.writes where !erased.contains(write.address.row.patient) {
      rows[write.address.row, default: [:]][write.address.field, default: Register()].apply(
        value: write.value,
        dot: changeset.dot,
        lamport: changeset.lamport,
        context: changeset.context
      )
    }
    appliedVector.advance(changeset.dot.replica, to: changeset.dot.sequence)
    lamport = max(lamport, changeset.lamport)
  }
}
