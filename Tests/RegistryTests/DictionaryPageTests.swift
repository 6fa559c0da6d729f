// SPDX-License-Identifier: Apache-2.0
import Foundation
import Registry
import Testing

@Suite struct DictionaryPageTests {
  @Test func `the page agrees with the study's files`() throws {
    let page = Fixtures.root.appending(path: "docs/data-dictionary.md")
    let expected = try DictionaryPage.markdown(try Study.embedded())
    if ProcessInfo.processInfo.environment["LOBULE_RECORD"] == "1" {
      try expected.write(to: page, atomically: true, encoding: .utf8)
    }
    let written = try String(contentsOf: page, encoding: .utf8)
    #expect(written == expected, "docs/data-dictionary.md is out of date")
  }
}
