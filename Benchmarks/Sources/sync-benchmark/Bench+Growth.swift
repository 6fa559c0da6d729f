// SPDX-License-Identifier: Apache-2.0
import Deidentification
import Foundation
import GRDB
import RegistryDatabase
import Replication
import SyncProtocol

/// The stages that show how cost grows with what is there already.
extension Bench {
  /// Records that are sealed at a time, to need the same memory for any number of them.
  private static let bulkRecords = 10_000
  /// How often a sync of a few changes is repeated.
  private static let rounds = 15
  private static let fewChanges = 100

  /// Seals all forms without a store.
  func bulk() throws {
    var generator = SystemRandomNumberGenerator()
    var file = try PieceReader(workload.appending(path: "forms.csv"))
    guard let header = Self.fields(try file.lines(1)).first else { throw BenchError.brokenWorkload }
    let author = ReplicaID(high: 0xA, low: 0xA)
    var vector = VersionVector()
    var link = BatchHash.none
    try write([], to: "wire_forms")
    while case let rows = Self.fields(try file.lines(Self.bulkRecords)), !rows.isEmpty {
      let made = try changesets(
        rows.map { (PatientID.random(using: &generator), Array(zip(header, $0).dropFirst())) },
        reason: "import",
        by: author,
        after: vector,
        lamport: vector[author]
      )
      let sealed = try BatchSealer.seal(
        made,
        site: Self.site,
        foreignContext: [],
        previous: link,
        dictionaryVersion: study.dictionary.version,
        directory: PatientDirectory(references: [:], ownCount: vector[author]),
        identity: identity(.a)
      )
      for batch in sealed {
        link = batch.batch.hash
        vector.advance(author, to: batch.batch.lastSequence)
      }
      try append(sealed.map(\.bytes), to: "wire_forms")
    }
  }

  /// Changes of a few cells at one replica, taken in by another, again and again.
  ///
  /// - Returns: Medians of a round's processor and wall time in milliseconds: save, seal, log,
  ///   decode, verify, admit, and the comparison of vectors and roots.
  func fewOnTop() throws -> [String: Any] {
    let sender = try open(.b)
    let receiver = try open(.copy)
    let tables = tables
    let key = identity(.b).privateKey.publicKey
    let patients = try sender.read { try tables.patients(in: $0) }
    var cpu: [Double] = []
    var wall: [Double] = []
    for round in 0..<Self.rounds {
      let edits = (0..<Self.fewChanges).map { number in
        // Some other hundred patients each time, spread over all of them.
        let index =
          (number * Self.rounds + round) * patients.count / (Self.fewChanges * Self.rounds)
        return (patient: patients[index], texts: [(field: "age", text: "\(30 + round)")])
      }
      let began = (cpu: clock(), wall: ContinuousClock.now)
      let sealed = try seal(edits, by: .b, in: sender)
      for batch in sealed {
        let received = try ReceivedBatch.decode(batch.bytes)
        try received.verify(publicKey: key)
        let admission = try receiver.write {
          try tables.admit(received.batch, bytes: received.bytes, in: $0)
        }
        guard case .applied = admission else { throw BenchError.notApplied }
      }
      let states = try [sender, receiver].map { database in
        try database.read { (try tables.vector(in: $0), try tables.stateRoot(in: $0)) }
      }
      guard states[0] == states[1] else { throw BenchError.notApplied }
      cpu.append(Double(clock() - began.cpu) * 1000 / Double(CLOCKS_PER_SEC))
      let spent = (ContinuousClock.now - began.wall).components
      wall.append(Double(spent.seconds) * 1000 + Double(spent.attoseconds) / 1e15)
    }
    // The first rounds read what later ones find in memory.
    return ["cpu_ms": Self.median(cpu.dropFirst(3)), "wall_ms": Self.median(wall.dropFirst(3))]
  }

  private static func median(_ values: some Collection<Double>) -> Double {
    values.sorted()[values.count / 2]
  }
}
