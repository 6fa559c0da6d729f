// SPDX-License-Identifier: Apache-2.0
import GRDB
import Replication

/// Says of most patients that are not settled that they are not, from a few bits for each.
///
/// A Bloom filter in blocks of about a page: the first half of an id, which is random, chooses the
/// block, so that blocks rise with ids, and each quarter of the second half a bit of it. Ids that
/// are not random cost a look into the tree of settled ones, and nothing else.
struct PatientFilter {
  private static let blockBytes = 4000
  private static let blockBits: UInt64 = 32_000
  private static let greatestBlocks: UInt64 = 1 << 31
  /// Bits for each settled patient when the filter is made, and at least, before it is made anew.
  private static let bitsWhenMade: UInt64 = 20
  private static let leastBits: UInt64 = 6
  /// How many patients are at least recent before they settle.
  static let recentLimit: Int64 = 8_192
  /// How many they are by the square root of the settled ones.
  ///
  /// That is where the pages that a batch writes among the recent ones, and its
  /// share of those that a settling writes, are as many, for batches of 3,000 new patients.
  private static let recentPerRoot = 64.0

  private static let selectState =
    "SELECT settled, through, blocks FROM head_patient_state WHERE id = 1"
  private static let updateState =
    "UPDATE head_patient_state SET settled = ?, through = ?, blocks = ? WHERE id = 1"
  private static let selectNewest = "SELECT max(id) FROM head_patient"
  /// Not `OR ABORT`, for which SQLite would keep a copy of every page: the caller rolls back.
  private static let moveRecent = """
    INSERT OR FAIL INTO head_patient_settled (scope, patient, id)
    SELECT scope, patient, id FROM head_patient_recent ORDER BY scope, patient
    """
  private static let selectRecent =
    "SELECT patient FROM head_patient_recent ORDER BY scope, patient"
  private static let selectSettled =
    "SELECT patient FROM head_patient_settled ORDER BY scope, patient"
  private static let deleteRecent = "DELETE FROM head_patient_recent"
  private static let deleteBlocks = "DELETE FROM head_patient_filter"
  private static let selectBlock = "SELECT bits FROM head_patient_filter WHERE block = ?"
  private static let storeBlock =
    "INSERT OR REPLACE INTO head_patient_filter (block, bits) VALUES (?, ?)"

  private let database: Database
  private var settled: Int64
  private var through: Int64
  private var blocks: UInt64
  /// The block at hand.
  private var block: Int64 = -1
  private var bits: [UInt8] = []

  /// Reads how large the filter is.
  init(in database: Database) throws {
    self.database = database
    let select = try DirectStatement(Self.selectState, in: database)
    let state = try select.first { (settled: $0.integer(0), through: $0.integer(1), $0.number(2)) }
    guard let state, let blocks = state.2 else { throw RegistryDatabaseError.brokenLog }
    settled = state.settled
    through = state.through
    self.blocks = blocks
  }

  /// Whether no patient is settled.
  var isEmpty: Bool { settled == 0 }

  /// Whether a patient may be settled; best asked by rising id.
  mutating func mayHold(_ patient: PatientID) throws -> Bool {
    try load(number(of: patient))
    return Self.places(of: patient).allSatisfy { bits[$0 / 8] & (1 << UInt8($0 % 8)) != 0 }
  }

  /// Settles the recent patients when there are many.
  mutating func settleRecent(limit: Int64) throws {
    let newest = try DirectStatement(Self.selectNewest, in: database).first { $0.integer(0) } ?? 0
    guard newest - through > max(limit, Int64(Self.recentPerRoot * Double(settled).squareRoot()))
    else { return }
    try DirectStatement(Self.moveRecent, in: database).run()
    settled += Int64(database.changesCount)
    through = newest
    let count = UInt64(settled)
    if count * Self.leastBits > blocks * Self.blockBits, blocks < Self.greatestBlocks {
      try DirectStatement(Self.deleteBlocks, in: database).run()
      blocks = min(count * Self.bitsWhenMade / Self.blockBits + 1, Self.greatestBlocks)
      try mark(Self.selectSettled)
    } else {
      try mark(Self.selectRecent)
    }
    try DirectStatement(Self.deleteRecent, in: database).run()
    try DirectStatement(Self.updateState, in: database).run(
      .integer(settled),
      .integer(through),
      .number(blocks)
    )
    try PageCache.fit(database)
  }

  /// Sets the bits of patients.
  private mutating func mark(_ select: String) throws {
    block = -1
    try DirectStatement(select, in: database).forEach { row in
      guard let patient = row.identifier(0) as PatientID? else {
        throw RegistryDatabaseError.brokenLog
      }
      let number = number(of: patient)
      if number != block { try storeBlock() }
      try load(number)
      for place in Self.places(of: patient) { bits[place / 8] |= 1 << UInt8(place % 8) }
    }
    try storeBlock()
  }

  private func storeBlock() throws {
    guard block >= 0 else { return }
    try DirectStatement(Self.storeBlock, in: database).run(.integer(block), .bytes(bits))
  }

  private func number(of patient: PatientID) -> Int64 {
    Int64(((patient.high >> 32) * blocks) >> 32)
  }

  /// The places of a patient's bits in its block.
  private static func places(of patient: PatientID) -> [Int] {
    [0, 16, 32, 48].map { shift in
      Int((((patient.low >> shift) & 0xFFFF) * blockBits) >> 16)
    }
  }

  private mutating func load(_ number: Int64) throws {
    guard number != block else { return }
    let select = try DirectStatement(Self.selectBlock, in: database)
    let stored = try select.first(.integer(number)) { $0.bytes(0) }
    bits = stored ?? [UInt8](repeating: 0, count: Self.blockBytes)
    guard bits.count == Self.blockBytes else { throw RegistryDatabaseError.brokenLog }
    block = number
  }
}
