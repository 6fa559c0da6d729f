// SPDX-License-Identifier: Apache-2.0

import SyncProtocol
import Testing

@testable import CurlTransport

@Suite struct ServerOriginTests {
  @Test(arguments: [
    ("https://a.example", "a.example"), ("https://a.example/", "a.example"),
    ("https://A.Example:443", "a.example"), ("https://a.example:8443", "a.example:8443"),
    ("HTTPS://127.0.0.1:1", "127.0.0.1:1"), ("https://[::1]:8443", "[::1]:8443"),
    ("https://[::1]", "[::1]"),
  ])
  func `a base URL has an authority`(url: String, authority: String) throws {
    #expect(try ServerOrigin(url).authority == authority)
  }

  @Test(arguments: [
    "", "https://", "http://a.example", "a.example", "https://a.example/path",
    "https://user@a.example", "https://a.example:0", "https://a.example:65536",
    "https://a.example:+1", "https://a.example:", "https://a example", "https://a.example?x",
    "https://[::1", "https://a.example#x", "ftp://a.example",
  ])
  func `anything but a host and a port over https is refused`(url: String) {
    #expect(throws: TransportError.malformedURL(url)) { try ServerOrigin(url) }
  }

  @Test(arguments: ["", "x", "https://b.example/", "/a b", "/a#b", "/a\r\nX: y"])
  func `a target that is no path is refused`(target: String) throws {
    let origin = try ServerOrigin("https://a.example")
    #expect(throws: TransportError.malformedURL(target)) { try origin.url(target: target) }
  }
}
