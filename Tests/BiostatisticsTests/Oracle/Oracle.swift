// SPDX-License-Identifier: Apache-2.0
import Foundation

/// Reference numbers and data from independent programs, read from the folder of this file.
///
/// Every JSON file names the program and version it comes from (R 4.2.2 with the packages in its
/// `reference`), the definition, and the tolerance.
enum Oracle {
  enum Failure: Error { case missing(String) }

  static let folder = URL(filePath: #filePath).deletingLastPathComponent()

  static func expected(_ name: String) throws -> Reference {
    try file(name)["expected"]
  }

  static func file(_ name: String) throws -> Reference {
    let data = try Data(contentsOf: folder.appending(path: "\(name).json"))
    return Reference(value: try JSONSerialization.jsonObject(with: data), path: name)
  }

  static func table(_ name: String) throws -> DataTable {
    let url = folder.appending(path: "data/\(name).csv")
    return DataTable(text: try String(contentsOf: url, encoding: .utf8))
  }
}

/// A value inside a JSON file.
struct Reference {
  let value: Any
  let path: String

  subscript(key: String) -> Reference {
    get throws {
      guard let found = (value as? [String: Any])?[key] else {
        throw Oracle.Failure.missing("\(path).\(key)")
      }
      return Reference(value: found, path: "\(path).\(key)")
    }
  }

  var isNull: Bool { value is NSNull }

  var number: Double {
    get throws {
      guard let number = value as? NSNumber else { throw Oracle.Failure.missing(path) }
      return number.doubleValue
    }
  }

  var optionalNumber: Double? { (value as? NSNumber)?.doubleValue }

  var list: [Reference] {
    get throws {
      guard let list = value as? [Any] else { throw Oracle.Failure.missing(path) }
      return list.enumerated().map { Reference(value: $1, path: "\(path)[\($0)]") }
    }
  }

  var numbers: [Double] { get throws { try list.map { try $0.number } } }

  var text: String {
    get throws {
      guard let text = value as? String else { throw Oracle.Failure.missing(path) }
      return text
    }
  }

  /// The numbers of an object in the order of the given keys.
  func numbers(_ keys: [String]) throws -> [Double] { try keys.map { try self[$0].number } }
}

/// A comma-separated file with a header; an empty cell is nil.
struct DataTable {
  let names: [String]
  let rows: [[String]]

  init(text: String) {
    let lines = text.split(whereSeparator: \.isNewline).map {
      $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
    names = lines.first ?? []
    rows = Array(lines.dropFirst())
  }

  func texts(_ name: String) throws -> [String] {
    guard let index = names.firstIndex(of: name) else { throw Oracle.Failure.missing(name) }
    return rows.map { $0[index] }
  }

  func optionalNumbers(_ name: String) throws -> [Double?] { try texts(name).map { Double($0) } }

  func numbers(_ name: String) throws -> [Double] {
    try texts(name).map {
      guard let number = Double($0) else { throw Oracle.Failure.missing(name) }
      return number
    }
  }

  func flags(_ name: String) throws -> [Bool] { try numbers(name).map { $0 == 1 } }
}
