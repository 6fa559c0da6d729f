// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import SyncProtocol

@Suite struct ChannelTimeTests {
  @Test(arguments: [
    ("1970-01-01T00:00:00Z", 0),
    ("2000-02-29T23:59:59Z", 951_868_799),
    ("2026-11-23T14:00:00Z", 1_795_442_400),
    ("2100-03-01T00:00:00Z", 4_107_542_400),
  ])
  func `a time is counted from 1970 and back`(text: String, seconds: Int) {
    #expect(ChannelTime.seconds(text) == seconds)
    #expect(ChannelTime.text(seconds) == text)
  }

  @Test(arguments: [
    "2027-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-01-01T24:00:00Z",
    "2026-01-01T00:00:00+00:00", "2026-01-01 00:00:00Z", "2026-1-1T0:0:0Z", "",
    "2026-01-01T00:00:00.0Z", "2100-02-29T00:00:00Z", "+026-01-01T00:00:00Z",
  ])
  func `another form or an unreal time is refused`(text: String) {
    #expect(ChannelTime.seconds(text) == nil)
  }
}
