// SPDX-License-Identifier: Apache-2.0

import Foundation
import SyncProtocol
import Testing

@Suite struct StrictJSONTests {
  @Test func `values of all kinds are read`() throws {
    let text = #" {"a":[null,true,false,-1.5e+3,"x\n\u00e9\ud83d\ude00"],"b":{}} "#
    let json = try StrictJSON.parse(Data(text.utf8))
    let list: [StrictJSON] = [
      .null, .boolean(true), .boolean(false), .number("-1.5e+3"), .string("x\né😀"),
    ]
    #expect(json == .object(["a": .array(list), "b": .object([:])]))
  }

  @Test func `a repeated name is refused by name`() {
    #expect(throws: StrictJSONError.duplicateName("admin")) {
      try StrictJSON.parse(Data(#"{"admin":false,"admin":true}"#.utf8))
    }
  }

  @Test func `a name repeated in another spelling is refused`() {
    #expect(throws: StrictJSONError.duplicateName("admin")) {
      try StrictJSON.parse(Data(#"{"admin":false,"\u0061dmin":true}"#.utf8))
    }
  }

  @Test(arguments: [
    "", "{", "[1,]", "{\"a\":1,}", "01", "1.", ".5", "+1", "1e", "tru", "nulll", "\"a", "\"\u{1}\"",
    "\"\\x\"", "\"\\ud800\"", "\"\\udc00\"", "\"\\ud800\\u0041\"", "1 2", "NaN", "{a:1}", "'a'",
    "\"\\u+041\"",
  ])
  func `text that is not JSON is refused`(_ text: String) {
    #expect(throws: StrictJSONError.self) { try StrictJSON.parse(Data(text.utf8)) }
  }

  @Test func `bytes that are not UTF-8 are refused`() {
    #expect(throws: StrictJSONError.notUTF8) {
      try StrictJSON.parse(Data([0x22, 0xC0, 0xAF, 0x22]))
    }
  }

  @Test func `deep nesting is refused before it can exhaust the stack`() {
    let text = String(repeating: "[", count: 100_000)
    #expect(throws: StrictJSONError.tooDeep(limit: 32)) {
      try StrictJSON.parse(Data(text.utf8))
    }
  }

  @Test func `a large document is refused`() {
    #expect(throws: StrictJSONError.tooLarge(limit: 3)) {
      try StrictJSON.parse(Data("1234".utf8), maximumBytes: 3)
    }
  }
}
