// SPDX-License-Identifier: Apache-2.0

import CommandSupport
import Foundation
import SiteReplica

/// The words of a command, with `-` replaced by the words on standard input.
///
/// Words are separated by white space; double quotes keep it inside a word.
enum WordSource {
  /// The words as meant.
  static func resolve(_ words: [String]) throws(CommandFailure) -> [String] {
    var resolved: [String] = []
    var hasRead = false
    for word in words {
      guard word == "-" else {
        resolved.append(word)
        continue
      }
      guard !hasRead else { continue }
      hasRead = true
      resolved += split(String(decoding: try StandardStream.readInput(), as: UTF8.self))
    }
    return resolved
  }

  static func split(_ text: String) -> [String] {
    var words: [String] = []
    var word = ""
    var isQuoted = false
    var hasWord = false
    for character in text {
      if character == "\"" {
        isQuoted.toggle()
        hasWord = true
      } else if character.isWhitespace, !isQuoted {
        if hasWord { words.append(word) }
        (word, hasWord) = ("", false)
      } else {
        word.append(character)
        hasWord = true
      }
    }
    if hasWord { words.append(word) }
    return words
  }
}

/// `MRN [EVENT] FIELD=VALUE…` as typed.
struct PatientWords {
  let mrn: String
  let event: String?
  let assignments: [Assignment]
  /// Words after the record number that are no assignments, the event among them.
  let plain: [String]

  init(_ words: [String]) throws(CommandFailure) {
    let resolved = try WordSource.resolve(words)
    guard let mrn = resolved.first, !mrn.isEmpty else {
      throw CommandFailure(
        .usage,
        what: "No record number was given",
        todo: "Write MRN, or - and type it as input"
      )
    }
    self.mrn = mrn
    let rest = resolved.dropFirst()
    plain = Array(rest.prefix { !$0.contains("=") })
    event = plain.first
    var assignments: [Assignment] = []
    for word in rest.dropFirst(plain.count) {
      guard let assignment = Assignment(word) else {
        throw CommandFailure(
          .usage,
          what: "A word after the event is not FIELD=VALUE",
          todo: "Quote values that hold spaces, and give each field as FIELD=VALUE"
        )
      }
      assignments.append(assignment)
    }
    self.assignments = assignments
  }
}
