// SPDX-License-Identifier: Apache-2.0
import Foundation
import Registry

/// `docs/data-dictionary.md`, made from the study's files.
enum DictionaryPage {
  static func markdown(_ study: Study) throws -> String {
    """
    # Data dictionary of \(study.id)

    This page is made from `Sources/Registry/Study/` by `DictionaryPageTests`
    (`LOBULE_RECORD=1 swift test --filter DictionaryPageTests`); change those files, not this page.

    A value's address is (patient, event, reader, field). An import column is the field's name, with
    the event as suffix where a field has several: `\(study.dictionary.column("adc_mean", event: "week8"))`.
    Files with columns `event` and `reader` hold one row a patient, event and reader; a reading
    without a reader is the settled one (`\(study.profile.consensus)`). REDCap's longitudinal export is read
    the same way: its first column is the record number, `redcap_event_name` the event and
    `redcap_repeat_instance` the reader. Blank cells are not given and never delete. A value that is known to be missing is `not_done`, `not_known` or `not_applicable`.
    Dates are written `YYYY-MM-DD`; their limits are days from treatment start. Yes and no are `1`
    and `0`.

    Outside the hard limits a value is refused; outside the usual ones it is accepted when
    confirmed. Units are UCUM.

    ## Fields

    | field | record | events | type | unit | hard limits | usual | choices | leaves the site | label |
    |---|---|---|---|---|---|---|---|---|---|
    \(study.dictionary.fields.map(line).joined(separator: "\n"))

    ## Derived indices

    Computed wherever their fields are known, never typed. A missing input gives no value, and so does a
    division by zero; `a ?? 0` takes 0 where `a` is missing.

    \(try table("derived.csv"))

    ## Rules between fields

    Each expression says what must hold; it is not checked while a field is missing. `refuse` refuses
    the row; `warn` is accepted when confirmed. The reader's severity is for one reader's own values,
    which are kept as read.

    \(try table("rules.csv"))

    ## Units entered by mistake

    A value outside its limits that would be usual in another unit is named, with the value to enter.
    Where it is impossible as entered it is refused; where it is only unusual it is a warning.

    \(try table("units.csv"))

    """
  }

  private static func line(_ field: FieldDefinition) -> String {
    let cells = [
      "`\(field.name)`", field.record, field.events.joined(separator: ", "), field.type.rawValue,
      field.unit, limits(field.hard), limits(field.soft), field.choices.joined(separator: ", "),
      field.disclosure.rawValue, field.label,
    ]
    return "| " + cells.joined(separator: " | ") + " |"
  }

  private static func limits(_ range: ClosedRange<Double>?) -> String {
    guard let range else { return "" }
    func text(_ number: Double) -> String {
      Int64(exactly: number).map(String.init) ?? number.description
    }
    return "\(text(range.lowerBound)) to \(text(range.upperBound))"
  }

  private static func table(_ name: String) throws -> String {
    let file = Fixtures.root.appending(path: "Sources/Registry/Study/\(name)")
    var reader = CSVReader(Array(try Data(contentsOf: file)))
    var lines: [String] = []
    while let cells = try reader.next() {
      let escaped = cells.map { $0.replacingOccurrences(of: "|", with: "\\|") }
      lines.append("| " + escaped.joined(separator: " | ") + " |")
      if lines.count == 1 {
        lines.append("|" + String(repeating: "---|", count: cells.count))
      }
    }
    return lines.joined(separator: "\n")
  }
}
