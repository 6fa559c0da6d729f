// SPDX-License-Identifier: Apache-2.0

import CommandSupport
import Registry
import Replication
import SiteReplica
import SyncProtocol

/// Says errors of the client library in sentences: what happened, to what, what to do.
enum FailureText {
  static func describe(_ error: any Error) -> CommandFailure? {
    switch error {
    case let error as SiteReplicaError: describe(error)
    case let error as VaultError: VaultFailureText.describe(error)
    case let error as RegistryError: StudyFailureText.describe(error)
    default: nil
    }
  }

  static func describe(_ error: SiteReplicaError) -> CommandFailure {
    switch error {
    case .vault(let error): VaultFailureText.describe(error)
    case .remote(let failure): RemoteFailureText.describe(failure)
    case .modelRefused(let refusal): model(refusal)
    case .bundleRefused(let fault): BundleFailureText.describe(fault)
    case .entryRefused(let problems): entry(problems)
    case .noStore, .storeAlreadyThere, .malformedSiteCode, .storeInUse, .storeUnusable,
      .storeOfNewerVersion,
      .storeDamaged, .deviceKeyUnusable, .rotationUnfinished, .notEnrolled, .alreadyEnrolled:
      store(error)
    default: who(error)
    }
  }

  private static func store(_ error: SiteReplicaError) -> CommandFailure {
    switch error {
    case .noStore(let folder):
      CommandFailure(
        .refused,
        what: "There is no store in this folder",
        to: folder,
        todo: "Run lobule init --site CODE, or name another folder with --store"
      )
    case .storeAlreadyThere(let folder):
      CommandFailure(
        .refused,
        what: "A store is there already",
        to: folder,
        todo: "Use it, or choose another folder with --store; nothing was changed"
      )
    case .malformedSiteCode:
      CommandFailure(
        .usage,
        what: "The site code is not usable",
        to: "--site",
        todo: "Give 1 to 32 letters, digits, hyphens or underscores"
      )
    case .rotationUnfinished:
      CommandFailure(
        .refused,
        what: "The device's key is being changed and the centre has not answered",
        todo: "Run `lobule sync` or `lobule rotate-key` while there is a line; nothing is lost"
      )
    case .storeInUse:
      CommandFailure(
        .refused,
        what: "Another program is writing to the store",
        todo: "Try again in a moment"
      )
    default: damage(error)
    }
  }

  private static func damage(_ error: SiteReplicaError) -> CommandFailure {
    switch error {
    case .storeOfNewerVersion:
      CommandFailure(
        .refused,
        what: "A newer version of this program has written the store",
        todo: "Use that version; nothing was changed"
      )
    case .storeUnusable(let reason):
      CommandFailure(
        .failed,
        what: "The store could not be used (\(reason))",
        todo: "Check the disk's space and permissions, then run lobule doctor"
      )
    case .storeDamaged(let what):
      CommandFailure(
        .failed,
        what: "The store is damaged",
        to: what,
        todo: "Copy the folder before anything else, then run lobule doctor"
      )
    case .deviceKeyUnusable(let reason):
      CommandFailure(
        .refused,
        what: "The device key cannot be used (\(reason))",
        to: "device.key",
        todo: "Restore the file with mode 0600, or enrol a new store"
      )
    case .notEnrolled:
      CommandFailure(
        .refused,
        what: "This device is not enrolled",
        todo: "Run lobule enroll --server URL --code - with a code of the coordinating centre"
      )
    case .alreadyEnrolled(let server):
      CommandFailure(
        .refused,
        what: "This device is enrolled already",
        to: server,
        todo: "Make another store with lobule init for another device"
      )
    default:
      CommandFailure(.failed, what: "The command could not be finished")
    }
  }

  private static func who(_ error: SiteReplicaError) -> CommandFailure {
    switch error {
    case .patientErased:
      CommandFailure(
        .refused,
        what: "The patient was erased by law; nothing was changed",
        todo: "Record a new consent under a new registration"
      )
    case .unknownPatient:
      CommandFailure(
        .refused,
        what: "No patient has this record number",
        todo: "Check it, register the patient with lobule set, or read a vault file"
      )
    case .registeredTwice(let patients):
      CommandFailure(
        .refused,
        what: "The record number stands for \(patients.count) registrations",
        to: patients.map(\.description).joined(separator: ", "),
        todo:
          "Give one of these ids in its place; when they are one patient, run lobule merge with "
          + "both ids"
      )
    default: form(error)
    }
  }

  private static func form(_ error: SiteReplicaError) -> CommandFailure {
    switch error {
    case .identityMissing(let fields):
      CommandFailure(
        .refused,
        what: "A new patient needs \(fields.joined(separator: ", "))",
        todo: "Give \(fields.map { "\($0)=YEAR-MONTH-DAY" }.joined(separator: " ")) as well"
      )
    case .unknownField(let field, let event):
      CommandFailure(
        .refused,
        what: field.isEmpty
          ? "A name before an equals sign is none of the study's fields"
          : "The field does not stand at this event",
        to: [event, field].filter { !$0.isEmpty }.joined(separator: " "),
        todo: "Check the name and the event"
      )
    case .eventNeeded(let field, let events):
      CommandFailure(
        .usage,
        what: "The field stands at several events",
        to: field,
        todo: "Name one of \(events.joined(separator: ", "))"
      )
    default: registrations(error)
    }
  }

  private static func registrations(_ error: SiteReplicaError) -> CommandFailure {
    switch error {
    case .startsDiffer:
      CommandFailure(
        .refused,
        what: "The registrations have different treatment starts",
        todo: "Correct the wrong one with lobule set, then merge; nothing was changed"
      )
    case .startCorrectedElsewhere:
      CommandFailure(
        .refused,
        what: "The treatment start was corrected on another device, and dates count from it",
        todo: "Read its vault file with lobule vault read, or give the corrected treatment_start "
          + "alone; nothing was saved"
      )
    case .notMerged:
      CommandFailure(
        .refused,
        what: "The registrations are not one patient",
        todo: "Check both record numbers; nothing was changed"
      )
    default: heads(error)
    }
  }

  private static func heads(_ error: SiteReplicaError) -> CommandFailure {
    switch error {
    case .changedMeanwhile(let fields):
      CommandFailure(
        .refused,
        what: "The values changed since they were shown",
        to: fields.joined(separator: ", "),
        todo: "Look at them with lobule show and decide again; nothing was saved"
      )
    case .inConflict(let field, let event):
      CommandFailure(
        .refused,
        what: "The field is in conflict",
        to: "\(event) \(field)",
        todo: "Look with lobule conflicts and decide with lobule resolve; nothing was saved"
      )
    case .notInConflict(let field, let event):
      CommandFailure(
        .refused,
        what: "The field is not in conflict",
        to: "\(event) \(field)",
        todo: "Use lobule set to change it"
      )
    case .notRetracted(let field, let event):
      CommandFailure(
        .refused,
        what: "The value is not retracted",
        to: "\(event) \(field)",
        todo: "Look with lobule show; nothing was saved"
      )
    case .unknownHead(let head):
      CommandFailure(
        .refused,
        what: "No value of the field has this head",
        to: head,
        todo: "Copy it from lobule conflicts"
      )
    default: rest(error)
    }
  }

  private static func rest(_ error: SiteReplicaError) -> CommandFailure {
    switch error {
    case .nothingToWrite:
      CommandFailure(.refused, what: "There is nothing to save: that is what stands there")
    case .notDeidentifiable(let reason):
      CommandFailure(
        .refused,
        what: "The change may not leave the site (\(reason))",
        todo: "Check the values; nothing was saved"
      )
    case .batchRefused(let reason):
      CommandFailure(
        .remote,
        what: "A batch could not be taken (\(reason))",
        todo: "Tell the coordinating centre; what was taken before stands"
      )
    case .predictorsMissing(let columns):
      CommandFailure(
        .refused,
        what: "The risk cannot be computed without \(columns.joined(separator: ", "))",
        todo: "Enter the values these are measured or computed from"
      )
    case .notScorable(let columns):
      CommandFailure(
        .refused,
        what: "The model is not defined for the value of",
        to: columns,
        todo: "Check the value and its unit"
      )
    default:
      CommandFailure(.failed, what: "The command could not be finished")
    }
  }

  private static func entry(_ problems: [Problem]) -> CommandFailure {
    CommandFailure(
      .refused,
      what: problems.filter { !$0.isWarning }.map { problem in
        problem.message.hasSuffix(".") ? String(problem.message.dropLast()) : problem.message
      }.joined(separator: ". "),
      todo: "Nothing was saved"
    )
  }

  /// The machine's word for a refused model.
  static func code(_ refusal: ModelRefusal) -> String {
    switch refusal {
    case .untrusted(let reason): "untrusted: \(reason)"
    case .notNewer: "not_newer"
    case .expired: "expired"
    case .vectorsDiffer: "vectors_differ"
    }
  }

  static func model(_ refusal: ModelRefusal) -> CommandFailure {
    let todo = "The release in use stays in use; tell the coordinating centre"
    return switch refusal {
    case .untrusted(let reason):
      CommandFailure(
        .remote,
        what: "The centre's model was not taken: it is not what was signed (\(reason))",
        todo: todo
      )
    case .notNewer(let held, let offered):
      CommandFailure(
        .remote,
        what: "The centre offers an older model (release \(offered), held \(held))",
        todo: todo
      )
    case .expired:
      CommandFailure(
        .remote,
        what: "The centre's statement of the newest model has expired",
        todo: todo
      )
    case .vectorsDiffer:
      CommandFailure(
        .remote,
        what: "The centre's model does not reproduce its own test values",
        todo: todo
      )
    }
  }
}
