// SPDX-License-Identifier: Apache-2.0

/// Reads an imported file row by row and gathers its faults.
struct ImportReader {
  let study: Study
  let checker: EntryChecker
  private let events: Set<String>
  private(set) var rows: [ImportRow] = []
  private var problems: [Problem] = []
  private var isCut = false
  /// Lines after the header, blank ones included, so that numbers agree with a spreadsheet.
  private var rowCount = 0
  private var numbers: Set<Int> = []
  private(set) var hasSeveralRows = false
  private var refused: Set<Int> = []
  private var isFileRefused = false
  private var seen: [RowKey: Int] = [:]

  /// What may stand in a file once.
  private struct RowKey: Hashable {
    let patient: PatientKey
    let event: String
    let reader: String
  }

  /// The cells of one row that are not fields.
  private struct RowFrame {
    var key: PatientKey?
    var event = ""
    var reader = ""
  }

  init(study: Study) {
    self.study = study
    checker = EntryChecker(study: study)
    events = Set(study.dictionary.fields.flatMap(\.events)).union([""])
  }

  mutating func read(_ bytes: [UInt8]) {
    guard bytes.count <= ImportFile.byteLimit else {
      report(
        Problem(
          row: 0,
          column: "",
          .tooLarge,
          "The file has more than \(ImportFile.byteLimit >> 20) MiB; split it."
        )
      )
      return
    }
    guard bytes.isUTF8 else {
      let isUTF16 = bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF])
      let coding = isUTF16 ? "UTF-16" : "GB18030 or GBK"
      report(
        Problem(
          row: 0,
          column: "",
          .notUTF8,
          "The file is not UTF-8, most likely \(coding); save it again as CSV UTF-8."
        )
      )
      return
    }
    var reader = CSVReader(bytes)
    guard let cells = nextCells(&reader) else {
      if !isFileRefused {
        report(Problem(row: 0, column: "", .malformedCSV, "The file is empty; choose another."))
      }
      return
    }
    let header = ImportHeader(cells, study: study)
    hasSeveralRows = header.hasSeveralRows
    header.problems.forEach { report($0) }
    guard header.roles.contains(where: { $0 != .unknown }) else { return }
    readRows(&reader, header)
  }

  private mutating func readRows(_ reader: inout CSVReader, _ header: ImportHeader) {
    while let cells = nextCells(&reader) {
      rowCount += 1
      if cells.allSatisfy(\.isEmpty) { continue }
      numbers.insert(rowCount)
      guard rowCount <= ImportFile.rowLimit else {
        report(
          Problem(
            row: 0,
            column: "",
            .tooLarge,
            "The file has more than \(ImportFile.rowLimit) rows; split it."
          )
        )
        return
      }
      readRow(cells, header)
    }
  }

  mutating func finish() -> ImportFile {
    checkRows()
    let refusedRows = isFileRefused ? numbers : refused
    return ImportFile(
      rows: rows.filter { !refusedRows.contains($0.row) },
      refusedRows: refusedRows,
      problems: problems.enumerated()
        .sorted { ($0.element.row, $0.offset) < ($1.element.row, $1.offset) }
        .map(\.element)
    )
  }

  mutating func report(_ problem: Problem) {
    if !problem.isWarning {
      if problem.row == 0 { isFileRefused = true } else { refused.insert(problem.row) }
    }
    if problems.count < ImportFile.problemLimit {
      problems.append(problem)
    } else if !isCut {
      isCut = true
      problems.append(
        Problem(
          row: 0,
          column: "",
          .tooLarge,
          "More than \(ImportFile.problemLimit) problems were found; the others are not listed.",
          isWarning: true
        )
      )
    }
  }

  private mutating func nextCells(_ reader: inout CSVReader) -> [String]? {
    do {
      return try reader.next()
    } catch {
      let what =
        switch error {
        case .strayQuote: "has a quote inside a cell; double it and quote the whole cell."
        case .unterminatedQuote: "opens a quote that never ends; close it."
        case .loneCarriageReturn: "has a carriage return alone; save with LF or CRLF line ends."
        case .tooManyColumns: "has more than \(ImportFile.columnLimit) columns; remove some."
        }
      isFileRefused = true
      report(
        Problem(
          row: rowCount + 1,
          column: "",
          error == .tooManyColumns ? .tooLarge : .malformedCSV,
          "The row \(what)"
        )
      )
      return nil
    }
  }

  private mutating func readRow(_ cells: [String], _ header: ImportHeader) {
    let row = rowCount
    guard cells.count == header.names.count else {
      report(
        Problem(
          row: row,
          column: "",
          .malformedCSV,
          "The row has \(cells.count) cells and the header \(header.names.count); "
            + "quote cells that hold commas."
        )
      )
      return
    }
    let frame = readFrame(cells, header)
    let (identity, writes) = readValues(cells, header, frame)
    guard let key = frame.key else { return }
    let start = study.profile.roles.treatmentStart
    if !header.hasSeveralRows, let index = header.names.firstIndex(of: start),
      isBlank(cells[index])
    {
      report(
        Problem(
          row: row,
          column: start,
          .missingTreatmentStart,
          "The row has no treatment start; enter the date of the first dose."
        )
      )
    }
    let place = RowKey(patient: key, event: frame.event, reader: frame.reader)
    if let first = seen[place] {
      report(duplicate(row, first, header.hasSeveralRows))
    } else {
      seen[place] = row
    }
    rows.append(ImportRow(row: row, mrn: key, identity: identity, writes: writes))
  }

  private mutating func readValues(
    _ cells: [String],
    _ header: ImportHeader,
    _ frame: RowFrame
  ) -> (identity: [String: EnteredValue], writes: [EnteredWrite]) {
    var identity: [String: EnteredValue] = [:]
    var writes: [EnteredWrite] = []
    writes.reserveCapacity(cells.count)
    for (index, cell) in cells.enumerated() where !isBlank(cell) {
      let column = header.names[index]
      switch header.roles[index] {
      case .identity(let field):
        if let value = parse(cell, field, column) { identity[field.name] = value }
      case .column(let known):
        if let value = parse(cell, known.field, column) {
          writes.append(write(known.field, known.event, frame, value))
        }
      case .fieldOfRow(let name):
        guard let field = study.dictionary.field(name, event: frame.event) else {
          report(wrongEvent(rowCount, column, name))
          continue
        }
        if let value = parse(cell, field, column) {
          writes.append(write(field, frame.event, frame, value))
        }
      case .recordNumber, .event, .reader, .ignored, .unknown: continue
      }
    }
    return (identity, writes)
  }

  private mutating func readFrame(_ cells: [String], _ header: ImportHeader) -> RowFrame {
    var frame = RowFrame()
    for (index, cell) in cells.enumerated() {
      let column = header.names[index]
      switch header.roles[index] {
      case .recordNumber:
        frame.key = PatientKey(cell)
        if frame.key == nil {
          report(
            Problem(
              row: rowCount,
              column: column,
              .missingRecordNumber,
              "The row has no usable record number; enter it."
            )
          )
        }
      case .event:
        frame.event = header.event(EntryChecker.trimmed(cell))
        if !events.contains(frame.event) {
          report(
            Problem(
              row: rowCount,
              column: column,
              .wrongEvent,
              "The row's event is not known; enter one of "
                + events.filter { !$0.isEmpty }.sorted().joined(separator: ", ") + "."
            )
          )
        }
      case .reader:
        frame.reader = EntryChecker.trimmed(cell)
        if !frame.reader.isEmpty, !study.isReader(frame.reader) {
          report(
            Problem(
              row: rowCount,
              column: column,
              .unknownReader,
              "The row's reader is not known; enter one of "
                + (study.profile.readers + [study.profile.consensus]).joined(separator: ", ")
                + "."
            )
          )
        }
      case .ignored, .identity, .column, .fieldOfRow, .unknown: continue
      }
    }
    return frame
  }

  private mutating func parse(
    _ cell: String,
    _ field: FieldDefinition,
    _ column: String
  ) -> EnteredValue? {
    do {
      return try checker.parse(cell, field: field)
    } catch {
      report(Problem(row: rowCount, column: column, error.code, error.message))
      return nil
    }
  }

  private func isBlank(_ cell: String) -> Bool {
    cell.isEmpty || (cell.utf8.first ?? 0) <= 0x20 && EntryChecker.trimmed(cell).isEmpty
  }

  private func write(
    _ field: FieldDefinition,
    _ event: String,
    _ frame: RowFrame,
    _ value: EnteredValue
  ) -> EnteredWrite {
    let reader = frame.reader.isEmpty ? study.profile.consensus : frame.reader
    return EnteredWrite(
      event: event,
      reader: field.hasReaders ? reader : "",
      field: field.name,
      value: value
    )
  }

  private func wrongEvent(_ row: Int, _ column: String, _ name: String) -> Problem {
    Problem(
      row: row,
      column: column,
      .wrongEvent,
      "\(name) is not collected at the row's event; it belongs to "
        + study.dictionary.events(of: name).joined(separator: ", ") + "."
    )
  }

  private func duplicate(_ row: Int, _ first: Int, _ hasSeveralRows: Bool) -> Problem {
    let what =
      hasSeveralRows ? "patient, event and reader stand" : "patient stands"
    return Problem(
      row: row,
      column: study.profile.roles.recordNumber,
      .duplicatePatient,
      "The same \(what) in row \(first) already; keep one of the rows."
    )
  }
}

extension [UInt8] {
  /// Whether the bytes are valid UTF-8.
  fileprivate var isUTF8: Bool { String(validating: self, as: UTF8.self) != nil }
}
