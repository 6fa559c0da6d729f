// SPDX-License-Identifier: Apache-2.0
import Biostatistics
import Testing

struct PenalisedPathTests {
  static let names = ["lasso_birthwt", "ridge_birthwt"]
  static let losses: [(String, PenalisedCrossValidation.Loss)] = [
    ("cv_deviance", .deviance), ("cv_class", .misclassification), ("cv_mse", .squaredError),
  ]

  private struct Case {
    let file: Reference
    let table: DataTable
    let columns: [String]
    let design: DesignMatrix
    let outcomes: [Bool]
    let options: PenalisedPathOptions

    init(_ name: String) throws {
      file = try Oracle.file(name)
      table = try Oracle.table("birthwt_folds")
      let inputs = try file["inputs"]
      columns = try inputs["x"].list.map { try $0.text }
      design = try table.design(columns)
      outcomes = try table.flags("low")
      options = PenalisedPathOptions(
        mixing: try inputs["alpha"].number,
        penaltyCount: Int(try inputs["nlambda"].number),
        smallestRatio: try inputs["lambda_min_ratio"].number
      )
    }
  }

  @Test(arguments: names)
  func `paths agree with glmnet`(name: String) throws {
    let study = try Case(name)
    let expected = try study.file["expected"]
    let path = try PenalisedPath.fit(
      study.design,
      outcomes: study.outcomes,
      options: study.options
    )
    let references = try expected["lambda"].numbers
    for (value, reference) in zip(path.penalties, references) {
      #expect(isRelativelyClose(value, reference, within: 1e-10))
    }
    expectClose(path.devianceRatios, try expected["dev_ratio"].numbers, within: 1e-8)
    let degrees = try expected["df"].numbers
    if study.options.mixing == 1 { #expect(path.nonzeroCounts.map(Double.init) == degrees) }
    #expect(isClose(path.nullDeviance, try expected["null_dev"].number))
    let columns = try expected["coef_at_index"]["index1based"].numbers.map { Int($0) - 1 }
    let rows = try expected["coef_at_index"]["matrix"]["values"].list
    for (term, row) in rows.enumerated() {
      // The reference states 1e-6 for its own coordinate descent.
      expectClose(columns.map { path.coefficients[$0][term] }, try row.numbers, within: 1e-6)
    }
  }

  @Test(arguments: names, losses)
  func `cross-validation agrees with cv.glmnet`(
    name: String,
    loss: (key: String, loss: PenalisedCrossValidation.Loss)
  ) throws {
    let study = try Case(name)
    let expected = try study.file["expected"][loss.key]
    let found = try PenalisedCrossValidation.measure(
      study.design,
      outcomes: study.outcomes,
      folds: study.table.numbers("foldid").map { Int($0) },
      loss: loss.loss,
      options: study.options
    )
    expectClose(found.meanLosses, try expected["cvm"].numbers, within: 1e-7)
    expectClose(found.standardErrors, try expected["cvsd"].numbers, within: 1e-7)
    let penalties = [found.minimumPenalty, found.oneStandardErrorPenalty]
    expectClose(penalties, try expected.numbers(["lambda_min", "lambda_1se"]))
    let terms = ["(Intercept)"] + study.columns
    #expect(found.path.terms == terms)
    expectClose(found.minimumCoefficients, try expected["coef_min"].numbers(terms), within: 1e-6)
    expectClose(
      found.oneStandardErrorCoefficients,
      try expected["coef_1se"].numbers(terms),
      within: 1e-6
    )
  }

  @Test(arguments: names)
  func `the default sequence agrees with cv.glmnet`(name: String) throws {
    let study = try Case(name)
    let expected = try study.file["expected"]["defaults"]
    let found = try PenalisedCrossValidation.measure(
      study.design,
      outcomes: study.outcomes,
      folds: study.table.numbers("foldid").map { Int($0) },
      options: PenalisedPathOptions(mixing: study.options.mixing)
    )
    let values = [
      found.path.penalties[0], found.path.penalties[99], found.minimumPenalty,
      found.oneStandardErrorPenalty,
    ]
    expectClose(
      values,
      try expected.numbers(["lambda_first", "lambda_last", "lambda_min", "lambda_1se"])
    )
  }

  /// The conditions for a minimum, by plain loops over the rows: the gradient of every
  /// coefficient balances its penalty.
  @Test(arguments: UInt64(1)...8)
  func `every model of a path satisfies the conditions for a minimum`(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let columns = (0..<6).map { _ in
      (0..<70).map { _ in Double.random(in: -2...2, using: &generator) }
    }
    let outcomes = (0..<70).map { row in
      columns[0][row] - columns[1][row] + Double.random(in: -2...2, using: &generator) > 0
    }
    let design = try DesignMatrix(columnNames: (0..<6).map { "x\($0)" }, columns: columns)
    let mixing = [1, 0.5, 0.9, 0][Int(seed) % 4]
    let path = try PenalisedPath.fit(
      design,
      outcomes: outcomes,
      options: PenalisedPathOptions(mixing: mixing, penaltyCount: 20, smallestRatio: 0.01)
    )
    for (penalty, model) in zip(path.penalties, path.coefficients).dropFirst() {
      let residuals = outcomes.indices.map { row in
        let predictor = (0..<6).reduce(model[0]) { $0 + model[$1 + 1] * columns[$1][row] }
        return (outcomes[row] ? 1 : 0) - Logit.inverse(predictor)
      }
      #expect(abs(residuals.reduce(0, +)) / 70 < 1e-7, "seed \(seed)")
      for (column, values) in columns.enumerated() {
        let mean = values.reduce(0, +) / 70
        let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 70
        let scale = variance.squareRoot()
        let pull =
          zip(values, residuals).reduce(0) { $0 + ($1.0 - mean) * $1.1 } / (70 * scale)
        let slope = model[column + 1] * scale
        let rest = pull - penalty * (1 - mixing) * slope
        if slope == 0 {
          #expect(abs(rest) <= penalty * mixing + 1e-7, "seed \(seed)")
        } else {
          #expect(abs(rest - (slope > 0 ? 1 : -1) * penalty * mixing) < 1e-7, "seed \(seed)")
        }
      }
    }
  }

  @Test func `a constant column gets no coefficient`() throws {
    let table = try Oracle.table("birthwt_folds")
    let count = table.rows.count
    let design = try DesignMatrix(
      columnNames: ["lwt", "constant"],
      columns: [table.numbers("lwt"), [Double](repeating: 7, count: count)]
    )
    let path = try PenalisedPath.fit(design, outcomes: table.flags("low"))
    #expect(path.coefficients.allSatisfy { $0[2] == 0 })
    #expect(path.coefficients[99][1] != 0)
  }

  @Test func `hostile input is refused`() throws {
    let wide = try DesignMatrix(columnNames: ["x"], columns: [[1e308, -1e308, 1e308, 0]])
    #expect(throws: BiostatisticsError.notFinite(input: "x", position: 0)) {
      try PenalisedPath.fit(wide, outcomes: [true, false, true, false])
    }
    let flat = try DesignMatrix(columnNames: ["x"], columns: [[2, 2, 2, 2]])
    #expect(throws: BiostatisticsError.zeroVariance("predictors")) {
      try PenalisedPath.fit(flat, outcomes: [true, false, true, false])
    }
    #expect(throws: BiostatisticsError.noEvents(count: 4)) {
      try PenalisedPath.fit(flat, outcomes: [false, false, false, false])
    }
    #expect(throws: BiostatisticsError.outOfRange(parameter: "mixing", value: 2)) {
      try PenalisedPath.fit(
        flat,
        outcomes: [true, false, true, false],
        options: PenalisedPathOptions(mixing: 2)
      )
    }
    #expect(throws: BiostatisticsError.tooFew(what: "folds", needed: 3, found: 2)) {
      try PenalisedCrossValidation.measure(
        flat,
        outcomes: [true, false, true, false],
        folds: [1, 1, 2, 2]
      )
    }
  }

  @Test func `more columns than rows have a path`() throws {
    var generator = SeededGenerator(seed: 5)
    let columns = (0..<30).map { _ in
      (0..<12).map { _ in Double.random(in: -1...1, using: &generator) }
    }
    let design = try DesignMatrix(columnNames: (0..<30).map { "x\($0)" }, columns: columns)
    let path = try PenalisedPath.fit(design, outcomes: (0..<12).map { $0 % 2 == 0 })
    #expect(path.coefficients.allSatisfy { $0.allSatisfy(\.isFinite) })
  }
}
