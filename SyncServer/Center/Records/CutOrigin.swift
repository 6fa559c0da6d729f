// SPDX-License-Identifier: Apache-2.0

import Foundation
import Registry
public import Replication
import SyncProtocol

/// What a data cut was made from: enough to make it again from the log.
public struct CutOrigin: Equatable, Sendable {
  /// The version of the program.
  public let program: String
  /// The version of the data dictionary.
  public let dictionary: String
  /// How far the log of each site was merged.
  public let vectors: [String: VersionVector]
  /// Whether the rows say which values were ever in conflict; those of earlier programs do not.
  public let hasConflictHistory: Bool

  /// Notes where a store stands.
  init(study: Study, program: String, of store: any CenterReading) throws {
    self.program = program
    dictionary = study.dictionary.version
    var vectors: [String: VersionVector] = [:]
    for site in try store.sites() { vectors[site.code] = try store.vector(site: site.code) }
    self.vectors = vectors
    hasConflictHistory = true
  }

  /// Reads an origin; nil when the bytes are none.
  init?(decoding bytes: Data) {
    guard let json = try? StrictJSON.parse(bytes, maximumBytes: 1 << 26),
      let members = json.object(
        required: ["dictionary", "program", "vectors"],
        optional: ["ever_in_conflict"]
      ),
      let program = members["program"]?.text, let dictionary = members["dictionary"]?.text,
      case .object(let sites) = members["vectors"]
    else { return nil }
    self.program = program
    self.dictionary = dictionary
    hasConflictHistory = members["ever_in_conflict"] == .boolean(true)
    var vectors: [String: VersionVector] = [:]
    for (site, entries) in sites {
      guard case .object(let lasts) = entries else { return nil }
      var vector = VersionVector()
      for (replica, last) in lasts {
        guard let id = ReplicaID(hex: replica), let last = last.count else { return nil }
        vector.advance(id, to: last)
      }
      vectors[site] = vector
    }
    self.vectors = vectors
  }

  /// One line of canonical JSON.
  func encoded() -> Data {
    let sites = vectors.mapValues { vector in
      StrictJSON.object(
        vector.entries.reduce(into: [:]) { lasts, entry in
          lasts[entry.key.description] = .number(String(entry.value))
        }
      )
    }
    var members: [String: StrictJSON] = [
      "dictionary": .string(dictionary), "program": .string(program), "vectors": .object(sites),
    ]
    if hasConflictHistory { members["ever_in_conflict"] = .boolean(true) }
    return Data(StrictJSON.object(members).canonicalText.utf8)
  }
}
