// SPDX-License-Identifier: Apache-2.0
import Biostatistics

/// Patients with equal terms and outcome, counted once: a resample of a model of thresholds has a
/// handful of distinct rows, whatever its size.
///
/// With measured values nearly every patient is a row of its own; the columns then stay where they
/// are, and a resample is a vector of frequencies.
struct CountedRows: Sendable {
  /// The terms of the distinct rows, column by column (shape: p × rows).
  private(set) var columns: [[Double]]
  private(set) var outcomes: [Bool] = []
  private(set) var counts: [Double] = []
  /// The distinct row of each patient, in the patients' order.
  private(set) var places: [Int32] = []

  init(terms: [[Double]], outcomes: [Bool]) {
    columns = Array(repeating: [], count: terms.first?.count ?? 0)
    var known: [[Double]: Int32] = [:]
    places.reserveCapacity(terms.count)
    for (own, outcome) in zip(terms, outcomes) {
      let key = own + [outcome ? 1 : 0]
      let place = known[key] ?? Int32(counts.count)
      if known.updateValue(place, forKey: key) == nil {
        for index in columns.indices { columns[index].append(own[index]) }
        self.outcomes.append(outcome)
        counts.append(0)
      }
      counts[Int(place)] += 1
      places.append(place)
    }
  }

  private init(columns: [[Double]], outcomes: [Bool], counts: [Double]) {
    self.columns = columns
    self.outcomes = outcomes
    self.counts = counts
  }

  /// The patients, not the rows.
  var patientCount: Int { places.count }

  /// How often each row occurs among the patients with these numbers.
  func frequencies(_ patients: some Sequence<Int>) -> [Double] {
    var totals = Array(repeating: 0.0, count: counts.count)
    for patient in patients { totals[Int(places[patient])] += 1 }
    return totals
  }

  /// How often each row occurs among as many patients drawn with replacement.
  func frequencies(using random: inout SplitMix64) -> [Double] {
    var totals = Array(repeating: 0.0, count: counts.count)
    for _ in places.indices { totals[Int(places[random.next(below: places.count)])] += 1 }
    return totals
  }

  /// The rows that occur with some frequencies.
  func occurring(_ frequencies: [Double]) -> CountedRows {
    let kept = frequencies.indices.filter { frequencies[$0] > 0 }
    return CountedRows(
      columns: columns.map { column in kept.map { column[$0] } },
      outcomes: kept.map { outcomes[$0] },
      counts: kept.map { frequencies[$0] }
    )
  }

  func fit(
    _ method: FittedModel.Method,
    names: [String],
    selection: TermSelection? = nil
  ) throws(BiostatisticsError) -> FittedModel {
    try FittedModel(
      method,
      design: try DesignMatrix(columnNames: names, columns: columns),
      outcomes: outcomes,
      weights: counts,
      hasProfileLimits: false,
      selection: selection
    )
  }

  /// The linear predictor of each row.
  func linearPredictor(_ model: FittedModel) -> [Double] {
    var result = Array(repeating: model.riskIntercept, count: counts.count)
    for (index, column) in columns.enumerated() {
      let slope = model.coefficients[index + 1].estimate
      guard slope != 0 else { continue }
      for row in result.indices { result[row] += slope * column[row] }
    }
    return result
  }
}

/// The predictions of one model for counted rows, put in order once for any frequencies.
struct ScoredRows {
  private let outcomes: [Bool]
  private let predictor: [Double]
  let risks: [Double]
  private let order: [Int32]

  init(_ rows: CountedRows, _ model: FittedModel) {
    outcomes = rows.outcomes
    predictor = rows.linearPredictor(model)
    risks = predictor.map { Logit.inverse($0) }
    order = ScoreOrder.ascending(predictor)
  }

  /// Concordant pairs plus half the tied ones over all pairs, and the mean squared error.
  func discrimination(
    _ frequencies: [Double]
  ) throws(BiostatisticsError) -> (auc: Double, brier: Double) {
    var (below, concordant, events, squares, start) = (0.0, 0.0, 0.0, 0.0, 0)
    while start < order.count {
      let score = predictor[Int(order[start])]
      var (tiedEvents, tiedOthers) = (0.0, 0.0)
      while start < order.count, predictor[Int(order[start])] == score {
        let row = Int(order[start])
        let weight = frequencies[row]
        if outcomes[row] { tiedEvents += weight } else { tiedOthers += weight }
        let error = risks[row] - (outcomes[row] ? 1 : 0)
        squares += weight * error * error
        start += 1
      }
      concordant += tiedEvents * (below + tiedOthers / 2)
      below += tiedOthers
      events += tiedEvents
    }
    guard events > 0 else { throw .noEvents(count: Int(below)) }
    guard below > 0 else { throw .noNonEvents(count: Int(events)) }
    return (concordant / (events * below), squares / (events + below))
  }

  /// The calibration slope.
  func slope(_ frequencies: [Double]) throws(BiostatisticsError) -> Double {
    let kept = frequencies.indices.filter { frequencies[$0] > 0 }
    let design = try DesignMatrix(
      columnNames: ["linear predictor"],
      columns: [kept.map { predictor[$0] }]
    )
    return try LogisticFit.fit(
      design,
      outcomes: kept.map { outcomes[$0] },
      weights: kept.map { frequencies[$0] }
    ).coefficients[1].estimate
  }
}
