// SPDX-License-Identifier: Apache-2.0

/// Names and places numbered in order of first use, and put in their final order at the end.
struct NameTable {
  /// One column of a record: (event, reader, field).
  struct Place: Hashable {
    let event: String
    let reader: String
    let field: String
  }

  private(set) var places: [Place] = []
  private var placeNumbers: [Place: Int] = [:]
  /// The place that last followed each place: forms and imports write the same fields in turn.
  private var successors: [Int] = []
  private var lastPlace = 0
  private(set) var names: [String] = []
  private var nameNumbers: [String: Int] = [:]

  /// The number of a place, in order of first use.
  mutating func number(event: String, reader: String, field: String) -> Int {
    if lastPlace < successors.count {
      let guess = successors[lastPlace]
      let place = places[guess]
      if place.field == field, place.event == event, place.reader == reader {
        lastPlace = guess
        return guess
      }
    }
    let place = Place(event: event, reader: reader, field: field)
    let number: Int
    if let known = placeNumbers[place] {
      number = known
    } else {
      number = places.count
      placeNumbers[place] = number
      places.append(place)
      successors.append(number)
      for name in [event, reader, field] { _ = self.number(name: name) }
    }
    successors[lastPlace] = number
    lastPlace = number
    return number
  }

  /// The number of a name that was used before.
  func known(name: String) -> Int? { nameNumbers[name] }

  /// The number of a name, in order of first use; -1 stands for the empty name.
  mutating func number(name: String) -> Int {
    if name.isEmpty { return -1 }
    if let known = nameNumbers[name] { return known }
    let number = names.count
    nameNumbers[name] = number
    names.append(name)
    return number
  }
}

/// The final numbers of a finished name table.
struct NameOrder {
  /// The names by rising bytes.
  let names: [String]
  /// The places as triples of final name numbers, rising strictly.
  let places: [(event: UInt32, reader: UInt32, field: UInt32)]
  /// From a place's first-use number to its final index.
  let placeIndexes: [UInt32]
  /// The places' first-use numbers in their final order.
  let firstUses: [Int]
  private let byName: [String: UInt32]
  private let nameNumbers: [UInt32]

  init(_ table: NameTable) {
    let order = table.names.indices.sorted { table.names[$0] < table.names[$1] }
    var numbers = [UInt32](repeating: 0, count: order.count)
    for (index, original) in order.enumerated() { numbers[original] = UInt32(index + 1) }
    let byName = Dictionary(
      uniqueKeysWithValues: zip(table.names, numbers)
    )
    let triples = table.places.map { place in
      (
        event: byName[place.event] ?? 0, reader: byName[place.reader] ?? 0,
        field: byName[place.field] ?? 0
      )
    }
    let placeOrder = triples.indices.sorted { triples[$0] < triples[$1] }
    var indexes = [UInt32](repeating: 0, count: triples.count)
    for (index, original) in placeOrder.enumerated() { indexes[original] = UInt32(index) }
    names = order.map { table.names[$0] }
    places = placeOrder.map { triples[$0] }
    placeIndexes = indexes
    firstUses = placeOrder
    self.byName = byName
    nameNumbers = numbers
  }

  /// The final number of a name; 0 for an unknown one.
  func number(named name: String) -> UInt32 { byName[name] ?? 0 }

  /// The final number of a name by its first-use number; 0 for the empty name.
  func number(_ original: Int) -> UInt32 { original < 0 ? 0 : nameNumbers[original] }
}
