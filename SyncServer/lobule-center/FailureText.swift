// SPDX-License-Identifier: Apache-2.0

import Biostatistics
import Center
import CenterService
import CommandSupport
import PooledAnalysis
import Registry

/// Turns the errors of the centre's modules into what happened, to what, what to do.
enum FailureText {
  static func describe(_ error: any Error) -> CommandFailure? {
    switch error {
    case let error as CenterServiceError: describe(error)
    case let error as CenterError: describe(error)
    case let error as BiostatisticsError: StatisticsFailure.describe(error)
    case let error as RegistryError:
      refused("The study cannot be read", "\(error)", "Check the folder of --study or LOBULE_STUDY")
    default: nil
    }
  }

  private static func describe(_ error: CenterServiceError) -> CommandFailure {
    switch error {
    case .center(let error): describe(error)
    case .backup(let fault): BackupFailureText.describe(fault)
    case .certificate(let reason):
      refused("A certificate could not be made or read", reason, "Check the hosts' names")
    case .malformedHost(let host):
      CommandFailure(
        .usage,
        what: "This is neither a host name nor an address",
        to: host,
        todo: "Give NAME, ADDRESS or NAME:PORT"
      )
    case .alreadyInitialised(let path):
      refused("The folder holds a coordinating centre already", path, "Name an empty folder")
    case .notInitialised(let path):
      refused("The folder holds no coordinating centre", path, "Run `lobule-center init` first")
    case .file(let path, let reason):
      refused("A file could not be read or written (\(reason))", path, "Check its permissions")
    case .malformedKeyFile, .keyLocked, .unsignable: describeKeys(error)
    case .modelChannel(let reason):
      refused("A document of the model channel could not be made", reason, "")
    case .planUnsigned:
      refused(
        "The analysis plan is not signed by enough model keys",
        "",
        "Register it with `lobule-center plan add FILE --key KEY --key KEY`, then cut anew"
      )
    case .analysis(let error): describe(error)
    case .revocationsOpen:
      refused(
        "This centre was restored, and what was revoked since its backup is not revoked here",
        "",
        "Revoke it again with `lobule-center site revoke`, then run "
          + "`lobule-center site confirm-revocations`"
      )
    case .listen(let address, let reason):
      CommandFailure(
        .remote,
        what: "The address could not be listened on (\(reason))",
        to: address,
        todo: "Choose another with --listen HOST:PORT"
      )
    }
  }

  private static func describeKeys(_ error: CenterServiceError) -> CommandFailure {
    switch error {
    case .malformedKeyFile(let path):
      refused("The file holds no private key of ours", path, "Name a file that `init` made")
    case .keyLocked(let path):
      refused(
        "The key is under a passphrase that was not given, or is another one",
        path,
        "Give --passphrase-file FILE"
      )
    case .unsignable(let path):
      refused(
        "The file holds no document that is signed here",
        path,
        "Name a file of `root new`, `candidate export` or `plan`"
      )
    default: refused("The centre refused", "\(error)", "")
    }
  }

  private static func describe(_ error: PooledAnalysisError) -> CommandFailure {
    switch error {
    case .malformedPlan(let place):
      refused("The analysis plan cannot be read", place, "Compare it with docs/analysis-plan.md")
    case .planInconsistent(let key):
      refused("The analysis plan contradicts itself", key, "Compare it with docs/analysis-plan.md")
    case .malformedCSV, .notUTF8, .fileTooLarge, .tooManyRows, .noRows, .otherSeparator,
      .columnRepeated, .rowLength, .decimalComma, .notNumeric, .oneLevel, .outcomeNotUnderstood:
      describeFile(error)
    case .columnsMissing(let columns):
      refused("The file lacks columns", columns.joined(separator: ", "), "Add them")
    case .allRowsRefused(let count):
      refused("Every row of the file was refused", "\(count) rows", "Try `lobule import --dry-run`")
    case .noCompleteRows:
      refused(
        "No patient has both predictors and outcome",
        "",
        "Look for a column that is empty, or wait for more records"
      )
    case .oneOutcomeOnly(let n, let events):
      refused("All patients or none have the outcome", "\(events) of \(n)", "Wait for more records")
    case .nothingFitted: refused("No model could be fitted", "", "Wait for more records")
    case .statisticFailed(let fact): refused("A statistic could not be computed", fact, "")
    }
  }

  /// A file of patients that cannot be analysed.
  private static func describeFile(_ error: PooledAnalysisError) -> CommandFailure {
    switch error {
    case .malformedCSV(let row):
      refused(
        "A quote or a line end of the file is not that of CSV",
        row == 0 ? "the header" : "row \(row)",
        "Save it again as CSV"
      )
    case .notUTF8:
      refused("The file is not text in UTF-8", "", "Save it again as CSV UTF-8")
    case .fileTooLarge(let limit):
      refused("The file is larger than \(limit) MiB", "", "Leave out columns that no plan names")
    case .tooManyRows(let limit): refused("The file has more than \(limit) rows", "", "Split it")
    case .otherSeparator(let separator):
      refused(
        "The cells of the file are not separated by commas",
        separator == "\t" ? "tabs" : separator,
        "Save it as comma-separated, with points in numbers"
      )
    case .columnRepeated(let name):
      refused("Two columns of the file have the same name", name, "Rename one of them")
    case .rowLength(let row, let expected, let found):
      refused(
        "A row has \(found) cells and the header \(expected)",
        "row \(row)",
        "Put cells that hold commas in quotes"
      )
    default: describeCells(error)
    }
  }

  /// Cells of a file of patients that cannot be analysed.
  private static func describeCells(_ error: PooledAnalysisError) -> CommandFailure {
    switch error {
    case .noRows: refused("The file holds no patients", "", "Give a header and a row for each")
    case .decimalComma(let column, let row):
      refused(
        "A number has a comma for its point",
        "column \(column), row \(row)",
        "Write numbers with points"
      )
    case .notNumeric(let column, let row):
      refused(
        "A predictor holds text that is neither a number nor one of a few codes",
        "column \(column), row \(row)",
        "Leave the cell empty or correct it"
      )
    case .oneLevel(let column):
      refused("All patients have the same code", "column \(column)", "Leave it out of the plan")
    case .outcomeNotUnderstood(let column, let cells):
      refused(
        "\(cells) cells of the outcome are neither 0 and 1 nor yes and no",
        "column \(column)",
        "Name them in the plan's `outcome_values`"
      )
    default: refused("The file cannot be analysed", "\(error)", "")
    }
  }

  private static func describe(_ error: CenterError) -> CommandFailure {
    switch error {
    case .storage(let reason):
      CommandFailure(
        .failed,
        what: "The store could not be read or written",
        to: reason,
        todo: "Nothing was changed; check the disk and run `lobule-center doctor`"
      )
    case .inUse:
      refused("The store is in use by another command", "", "Try again in a minute")
    case .newerVersion:
      refused(
        "A newer version of this program has written the store",
        "",
        "Use that version; nothing was changed"
      )
    case .alreadyInitialised:
      refused("The folder holds a coordinating centre already", "", "Name an empty folder")
    case .notInitialised:
      refused("The folder holds no coordinating centre", "", "Run `lobule-center init` first")
    case .malformedSiteCode(let code):
      refused(
        "This is no site code",
        code,
        "Use a letter, then letters, digits or hyphens, 32 at most"
      )
    case .unknownSite(let code):
      refused("There is no such site", code, "See `lobule-center site list`")
    case .revokedSite(let code):
      refused("The site was revoked", code, "Add it under another code")
    case .unknownDevice(let keyID):
      refused("The site has no such device", keyID, "Devices are named SITE/1, SITE/2 and so on")
    case .siteNamedOtherwise(let code, let name):
      refused("The site has another name", "\(code) is \(name)", "Give the same name")
    case .enrolment(let refusal): refused("The enrolment was refused", refusal.rawValue, "")
    case .bundle(let fault): describe(fault)
    default: describeModels(error)
    }
  }

  private static func describe(_ fault: CenterBundleFault) -> CommandFailure {
    switch fault {
    case .form:
      refused("The file is no bundle, or ends before its first change", "", "Ask for it once more")
    case .forSite(let site):
      refused("The bundle is this centre's own answer", site, "Read it with `lobule bundle read`")
    case .signature(let keyID):
      refused(
        "The bundle does not bear the signature of the device that it names",
        keyID,
        "Nothing was taken; ask the site to write it again"
      )
    }
  }

  private static func describeModels(_ error: CenterError) -> CommandFailure {
    switch error {
    case .noPlan:
      refused("No analysis plan is registered", "", "Run `lobule-center plan add FILE`")
    case .unknownCut(let id):
      refused("There is no such data cut", id, "Make one with `lobule-center cut`")
    case .cutDamaged(let id):
      CommandFailure(
        .failed,
        what: "The data cut is not what was frozen",
        to: id,
        todo: "Make a new one and run `lobule-center doctor`"
      )
    case .unknownCandidate(let id):
      refused("There is no such candidate", id, "Make one with `lobule-center refit`")
    case .alreadyReleased(let id): refused("The candidate was released already", id, "")
    case .ungated(let id):
      refused(
        "The candidate has not passed the gate",
        id,
        "Give --override REASON to sign it all the same; the reason is recorded and released"
      )
    case .notAModelKey:
      refused("The key is none of the model keys", "", "Sign with a file model-N.key")
    case .signedAlready:
      refused("This key has signed the candidate already", "", "Sign with another model key")
    case .tooFewSignatures(let have, let need):
      refused(
        "The candidate has \(have) of \(need) signatures",
        "",
        "Sign it with another model key"
      )
    case .versionNotRising(let candidate, let released):
      refused(
        "The version does not rise",
        "candidate \(candidate), released \(released)",
        "Refit on a new cut"
      )
    case .channelDocument(let reason):
      refused("A document of the model channel is missing or unreadable", reason, "")
    default: describeAudit(error)
    }
  }

  private static func describeAudit(_ error: CenterError) -> CommandFailure {
    switch error {
    case .auditForked(let size):
      CommandFailure(
        .failed,
        what: "The audit log is not the one that the site saw",
        to: "the first \(size) entries",
        todo: "Keep the store as it is and compare it with a backup: entries were changed or lost"
      )
    case .planNotBeforeCut(let cut):
      CommandFailure(
        .failed,
        what: "The audit log does not have the cut's analysis plan registered before the cut",
        to: cut,
        todo: "Keep the store as it is; cut anew under the plan in force"
      )
    case .originUnknown(let name):
      refused(
        "What it was made from was not kept: an earlier program made it",
        name,
        "Cut and refit anew"
      )
    case .unknownRelease(let version):
      refused("No such version was released", "\(version)", "See `lobule-center candidate list`")
    case .rootRefused(let code):
      refused(
        "Hospitals would not take this root document (\(code))",
        "",
        "It needs the next version and the signatures of enough old and of enough new root keys"
      )
    case .releaseUnsigned(let have, let need):
      refused(
        "The released model has \(have) of \(need) signatures of the new model keys",
        "",
        "Run `candidate export released FILE`, sign-file it, and give it with --model FILE"
      )
    case .auditBroken(let sequence):
      CommandFailure(
        .failed,
        what: "The audit log is broken",
        to: "entry \(sequence)",
        todo: "Keep the store as it is and compare it with a backup"
      )
    default: describeBreak(error)
    }
  }

  private static func describeBreak(_ error: CenterError) -> CommandFailure {
    switch error {
    case .noAuditBreak:
      refused("This centre was never restored", "", "Its audit log has no break to state")
    case .auditBreakRefused(.otherLog):
      refused(
        "The file states nothing about the audit log of this centre",
        "",
        "Make it with `lobule-center audit break write FILE` at this centre"
      )
    case .auditBreakRefused(.tooFewSignatures):
      refused(
        "Too few root keys have signed the statement",
        "",
        "Sign it with `lobule-center audit break sign FILE --key root-1.key`, and with another"
      )
    default: refused("The centre refused", "\(error)", "")
    }
  }

  private static func refused(_ what: String, _ to: String, _ todo: String) -> CommandFailure {
    CommandFailure(.refused, what: what, to: to, todo: todo)
  }
}
