// SPDX-License-Identifier: Apache-2.0

import Foundation
import PooledAnalysis
import Registry

/// The texts that go with exported rows or tables.
struct ExportTexts {
  let cut: String
  let cutSHA256: String
  let planSHA256: String
  let dictionary: String
  let isExact: Bool

  /// The rules that the rows follow, for whoever reads them without us.
  var rules: String {
    """
    # Codebook

    Data cut \(cut), SHA-256 `\(cutSHA256)`, analysis plan `\(planSHA256)`, dictionary `\(dictionary)`.
    One row a patient. `codebook.csv` lists the columns; `load.R` reads the file with types, levels,
    labels and units. The rows are pseudonymised, not anonymous: treat them as personal data.

    | what | rule |
    |---|---|
    | conflicts | concurrent values that differ: the one with the greatest (Lamport counter, replica) is shown, and `conflict` is 1 for the row until the hospital has resolved it; `ever_in_conflict` stays 1 afterwards (cuts of earlier programs do not have it) |
    | retractions | a value that was entered in error is blank; one that was un-retracted is there again |
    | withdrawals | a patient who withdrew consent, in any of several concurrent values, is not in the cut |
    | merged patients | registrations that a hospital linked are one row, named by the smallest id; their values compete as in one record |
    | erased patients | what was erased by law before the cut is not in it; a cut that was frozen before and held such a patient is named by `lobule-center doctor` and must not be used or passed on |
    | readers | the settled reading (`consensus`) is shown, never a single reader's |
    | limits | a value that its field's kind or hard limit forbids is blank and counted in `left_out` |
    | missing | blank: not recorded; `not_done`, `not_known`, `not_applicable`: recorded as missing, with the reason |
    | days | offsets from treatment start, which stays at the hospital |
    \(isExact ? "" : Self.coarse)
    """
  }

  private static let coarse = """
    | coarsened | age in bands of five years; days as whole weeks, with a flag for the window of the dictionary; laboratory values to three significant digits, and indices computed from these; hospitals under \(SiteGroups.leastPatients) patients stand together; running numbers for patient ids. `outcome_status` comes from exact values |

    """

  /// The R script that loads the rows: base R alone.
  func script(patients: Int) -> String {
    """
    # Reads patients.csv with types, factor levels, labels and units from codebook.csv.
    # Data cut \(cut), SHA-256 \(cutSHA256). Run it in the folder of the files, or set LOBULE_EXPORT.
    folder <- Sys.getenv("LOBULE_EXPORT", unset = ".")
    read <- function(name, blank) {
      read.csv(file.path(folder, name), colClasses = "character", na.strings = blank,
               check.names = FALSE, fileEncoding = "UTF-8")
    }
    codebook <- read("codebook.csv", "")
    patients <- read("patients.csv", c("", "not_done", "not_known", "not_applicable"))
    stopifnot(identical(names(patients), codebook$column), nrow(patients) == \(patients))
    for (i in seq_len(nrow(codebook))) {
      name <- codebook$column[i]
      text <- patients[[name]]
      value <- switch(codebook$type[i],
        number = as.numeric(text),
        flag = as.logical(as.integer(text)),
        choice = factor(text, levels = strsplit(codebook$levels[i], "|", fixed = TRUE)[[1]]),
        text)
      # A cell that its type cannot read must not turn into a missing value unseen.
      stopifnot(identical(is.na(value), is.na(text)))
      attr(value, "label") <- codebook$label[i]
      if (!is.na(codebook$unit[i])) attr(value, "units") <- codebook$unit[i]
      patients[[name]] <- value
    }
    cat(nrow(patients), "patients,", ncol(patients), "columns\\n")

    """
  }
}
