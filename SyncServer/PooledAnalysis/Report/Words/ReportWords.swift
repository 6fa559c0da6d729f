// SPDX-License-Identifier: Apache-2.0
import Foundation

/// Every word of the report, in one language.
///
/// The English sentence is the key. `report_zh.json` holds the other language, and the study's own
/// file holds the words of the study. `{1}`, `{2}`, … stand for numbers and names. A sentence that
/// the analysis composed is found by the template that it was made of.
struct ReportWords: Sendable {
  let language: ReportLanguage
  private let exact: [String: String]
  private let templates: [WordTemplate]

  /// - Parameters:
  ///   - language: The language of the page.
  ///   - study: The study's words in this language, by their English.
  init(_ language: ReportLanguage, study: [String: String] = [:]) {
    self.language = language
    let own = language == .english ? [:] : Self.chinese
    exact = own.merging(study) { $1 }
    templates = exact.filter { $0.key.contains("{1}") }
      .map { WordTemplate(english: $0.key, other: $0.value) }
      .filter { $0.weight >= Self.leastWeight }
      .sorted { $0.weight > $1.weight }
  }

  /// Templates with fewer letters of their own, such as `{1}: {2}`, would fit anything.
  private static let leastWeight = 8

  /// The table of the embedded file; empty when it is no table, which a test excludes.
  static let chinese: [String: String] = {
    let bytes = Data(PackageResources.report_zh_json)
    return (try? JSONDecoder().decode([String: String].self, from: bytes)) ?? [:]
  }()

  /// A sentence of the page, with `{1}`, `{2}`, … filled in order.
  func callAsFunction(_ english: String, _ parts: String...) -> String {
    WordTemplate.filled(exact[english] ?? english, parts)
  }

  /// A sentence or a name that the analysis or the study made.
  func translated(_ text: String) -> String {
    if let found = exact[text] { return found }
    guard language != .english, !text.isEmpty else { return text }
    for template in templates {
      if let parts = template.parts(of: text) {
        return WordTemplate.filled(template.other, parts.map(translated))
      }
    }
    return text
  }

  /// A key of the analysis in words.
  func key(_ key: String) -> String { translated(key.replacing("_", with: " ")) }

  /// Names joined as the language joins them.
  func joined(_ names: [String]) -> String {
    names.joined(separator: language == .chinese ? "、" : ", ")
  }
}

/// A sentence with places, in two languages.
struct WordTemplate: Sendable {
  let other: String
  /// Letters outside the places: of two templates that fit, the one with more says more.
  let weight: Int
  private let pieces: [String]
  private let places: [Int]

  init(english: String, other: String) {
    self.other = other
    var (pieces, places, piece): ([String], [Int], String) = ([], [], "")
    var rest = english[...]
    while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
      piece += rest[..<open]
      pieces.append(piece)
      places.append(Int(rest[rest.index(after: open)..<close]) ?? 1)
      piece = ""
      rest = rest[rest.index(after: close)...]
    }
    pieces.append(piece + rest)
    self.pieces = pieces
    self.places = places
    weight = pieces.reduce(0) { $0 + $1.count }
  }

  /// What stands in the places of a sentence; nil when the sentence is another.
  func parts(of text: String) -> [String]? {
    guard text.hasPrefix(pieces[0]) else { return nil }
    var rest = text.dropFirst(pieces[0].count)
    var found: [Int: String] = [:]
    for (index, place) in places.enumerated() {
      let next = pieces[index + 1]
      let isLast = index + 1 == places.count
      let part: Substring
      if isLast {
        guard rest.hasSuffix(next) else { return nil }
        part = rest.dropLast(next.count)
        rest = ""
      } else {
        guard let range = rest.range(of: next) else { return nil }
        part = rest[..<range.lowerBound]
        rest = rest[range.upperBound...]
      }
      found[place] = String(part)
    }
    return (1...(found.keys.max() ?? 1)).map { found[$0] ?? "" }
  }

  /// A sentence with its places filled.
  static func filled(_ text: String, _ parts: [String]) -> String {
    var result = text
    for (index, part) in parts.enumerated() {
      result = result.replacing("{\(index + 1)}", with: part)
    }
    return result
  }
}
