// SPDX-License-Identifier: Apache-2.0

import RegistryDatabase
import Replication

extension SiteStore {
  /// Looks whether erasures are complete, and for registrations linked to an erased patient.
  func erasureCheck() throws(SiteReplicaError) -> StoreCheck {
    let found = try read { database in
      let erased = Set(try tables.erasedPatients(in: database))
      return (
        erased: erased.count,
        unmarked: try tables.unmarkedPatients(in: database),
        isDue: try StoreMeta.data(.erasureDue, in: database) != nil,
        linked: erased.isEmpty
          ? 0
          : try linkRegisters(in: database).values.filter { register in
            register.heads.contains { head in
              if case .patient(let other) = head.value { erased.contains(other) } else { false }
            }
          }.count
      )
    }
    func check(_ isGood: Bool, _ finding: String) -> StoreCheck {
      StoreCheck(name: "erasure", isGood: isGood, finding: finding)
    }
    if found.unmarked > 0 {
      return check(false, "\(found.unmarked) patients lack changes without a mark of erasure: sync")
    }
    if found.isDue {
      return check(false, "erased bytes may lie in the files, which were in use: sync again")
    }
    if found.linked > 0 {
      return check(
        true,
        "\(found.linked) registrations are linked to an erased patient: "
          + "erase them too, or unmerge them"
      )
    }
    return check(
      true,
      found.erased == 0 ? "nobody was erased" : "\(found.erased) registrations were erased"
    )
  }
}
